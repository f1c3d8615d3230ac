// SPDX-License-Identifier: GPL-2.0-only
/*
 * nx.c - the tables that stand in for huge pages because of the NX mitigation.
 *
 *  1. N1  a table on the recovery list is marked as split for NX
 *  2. N1  the count of splits, the list's length and the linked tables on it agree
 *
 * Not verified: which tables ought to be on the list (N2), how many a recovery pass takes (N5).
 * Source: spec.md 7.10, 3.11.
 */
#include "harness/invariants/audit.h"

void nx_table(struct audit *audit, const struct mmu_table *table)
{
	EXPECT(N1, !table->on_nx_list || table->nx_disallowed, "table %#" PRIx64 " level %d gfn %#" PRIx64, table->pfn,
	       table->level, table->gfn);
	audit->nx_listed += table->on_nx_list;
}

void nx_end(struct audit *audit)
{
	int64_t splits = audit->core->counter(audit->vm, MMU_COUNTER_NX_SPLITS);
	int64_t length = audit->core->counter(audit->vm, MMU_COUNTER_NX_LIST);
	bool agree = splits == length && length == (int64_t)audit->nx_listed;

	if (splits != MMU_COUNTER_ABSENT && length != MMU_COUNTER_ABSENT)
		EXPECT(N1, agree, "%" PRIi64 " splits counted, list of %" PRIi64 ", %" PRIu64 " linked tables on it",
		       splits, length, audit->nx_listed);
}
