/* SPDX-License-Identifier: GPL-2.0-only */
/* no_tlb.h - the operations of a CPU that keeps nothing beyond an entry into the guest; enter() is the includer's. */
#ifndef TESTS_UNIT_REFERENCE_NO_TLB_H
#define TESTS_UNIT_REFERENCE_NO_TLB_H

#include "mmu_core/core.h"

static void enter(void *guest, const struct mmu_guest_context *context, struct mmu_guest_exit *exit);

static void flush(void *guest, enum mmu_flush kind, mmu_hpa_t root)
{
	(void)guest, (void)kind, (void)root;
}

static unsigned int drain(void *guest, gpa_t *gpas, unsigned int room)
{
	(void)guest, (void)gpas, (void)room;
	return 0;
}

static const struct mmu_guest_ops ops = { .enter = enter, .flush = flush, .pml_drain = drain };

#endif
