// SPDX-License-Identifier: GPL-2.0-only
/*
 * roots.c - roots, what hangs below them, and what vCPUs have loaded.
 *
 *  1. R7   a table has its root's role, but for level and the invalid mark
 *  2. R2   a root on the list is referenced
 *  3. R10  scheduled => invalid; nothing is scheduled any more; invalid => empty
 *  4. R3   valid roots differ in role or address space
 *  5. R6   a vCPU's root has the role that its MMU context wants
 *  6. R12  a vCPU's root and lookups are in the address space of its mode
 *
 * Not verified: exact reference counts (R1, R4), the roots that a vCPU keeps for later (R11), CPU roles against
 * registers (R8), nested guests (R13).
 * Source: spec.md 7.3; the layout of the role word: S3.1.
 */
#include "harness/invariants/audit.h"

#define ROLE_LEVEL 0xfu

void roots_table(struct audit *audit, const struct mmu_table *table)
{
	const struct mmu_table *root = &audit->current->table;

	/* Under shadow paging a child's role also says which part of the guest's table it stands for. */
	if (table->is_root || !audit->world->core_config.tdp)
		return;
	EXPECT(R7, !((table->role ^ root->role) & ~ROLE_LEVEL) && table->as_id == root->as_id,
	       "table %#" PRIx64 " level %d role %#x as %u; root %#" PRIx64 " role %#x as %u", table->pfn, table->level,
	       table->role, table->as_id, root->pfn, root->role, root->as_id);
}

static void check_root(const struct audit_root *root)
{
	const struct mmu_table *table = &root->table;
	bool empty_if_invalid = !table->invalid || root->present == 0;

	EXPECT(R2, table->root_count >= 1, "root %#" PRIx64 " role %#x: count %d", table->pfn, table->role,
	       table->root_count);
	EXPECT(R10, !table->scheduled_zap && empty_if_invalid,
	       "root %#" PRIx64 " role %#x: %s, %s, %" PRIu64 " present entries", table->pfn, table->role,
	       table->invalid ? "invalid" : "valid", table->scheduled_zap ? "scheduled" : "not scheduled",
	       root->present);
}

/* An earlier valid root that a vCPU could as well have been given; NULL: none. */
static const struct mmu_table *find_twin(const struct audit *audit, unsigned int index)
{
	const struct mmu_table *table = &audit->root[index].table;

	for (unsigned int i = 0; i < index; i++) {
		const struct mmu_table *other = &audit->root[i].table;

		if (!other->invalid && other->role == table->role && other->as_id == table->as_id &&
		    other->gfn == table->gfn)
			return other;
	}
	return NULL;
}

static void check_unique(const struct audit *audit, unsigned int index)
{
	const struct mmu_table *table = &audit->root[index].table;
	const struct mmu_table *twin;

	if (table->invalid)
		return;
	twin = find_twin(audit, index);
	EXPECT(R3, !twin, "roots %#" PRIx64 " and %#" PRIx64 ": role %#x, as %u", twin->pfn, table->pfn, table->role,
	       table->as_id);
}

static const struct mmu_table *find_root(const struct audit *audit, mmu_pfn_t pfn)
{
	for (unsigned int i = 0; i < audit->nr_roots; i++)
		if (audit->root[i].table.pfn == pfn)
			return &audit->root[i].table;
	return NULL;
}

static void check_vcpu(const struct audit *audit, const struct world_vcpu *vcpu)
{
	unsigned int as_expected;
	const struct mmu_table *root;
	struct mmu_vcpu_view view;

	audit->core->vcpu_view(vcpu->core, &view);
	as_expected = view.in_smm ? 1 : 0;
	root = view.root == MMU_NO_HPA ? NULL : find_root(audit, view.root >> MMU_PAGE_SHIFT);
	EXPECT(R12, view.as_id == as_expected && (!root || root->as_id == as_expected),
	       "vCPU %u %s SMM: lookups in as %u, root %#" PRIx64 " in as %d", vcpu->index,
	       view.in_smm ? "in" : "outside", view.as_id, view.root, root ? root->as_id : -1);
	if (root)
		EXPECT(R6, view.root_role == view.mmu_role, "vCPU %u: root %#" PRIx64 " role %#x, wanted %#x",
		       vcpu->index, view.root, view.root_role, view.mmu_role);
}

void roots_end(struct audit *audit)
{
	for (unsigned int i = 0; i < audit->nr_roots; i++) {
		check_root(&audit->root[i]);
		check_unique(audit, i);
	}
	for (unsigned int i = 0; i < audit->world->vcpus; i++)
		check_vcpu(audit, audit->world->vcpu[i]);
}
