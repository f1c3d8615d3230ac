// SPDX-License-Identifier: GPL-2.0-only
/*
 * audit.c - one pass over everything that can be seen of a stopped VM; the families say what must hold of it.
 *
 * Not verified: that the world is stopped (the caller's word), and shadow-paging tables' parents and write tracking
 * (spec.md groups H2, H6, H7, H11 and W), for which the port has no view.
 */
#include "harness/invariants/audit.h"

#include "harness/invariants/invariants.h"

struct audit_leaf audit_leaf_of(const struct audit *audit, const struct mmu_entry *entry)
{
	const struct model *model = &audit->world->model;
	struct audit_leaf leaf = {
		.entry = entry,
		.as_id = entry->table->as_id,
		.npages = mmu_level_npages(entry->level),
	};

	leaf.slot = model_slot_at(model, leaf.as_id, entry->gfn);
	if (!leaf.slot)
		return leaf;
	leaf.from_file = map_takes_file(model, &leaf.slot->now, model_is_private(model, entry->gfn));
	leaf.hva = leaf.slot->now.hva + ((entry->gfn - leaf.slot->now.base) << MMU_PAGE_SHIFT);
	return leaf;
}

static bool collect_root(void *context, const struct mmu_table *table)
{
	struct audit *audit = context;

	HOST_ASSERT(audit->nr_roots < AUDIT_ROOTS_MAX);
	audit->root[audit->nr_roots++] = (struct audit_root){ .table = *table };
	return true;
}

static bool visit_table(void *context, const struct mmu_table *table)
{
	struct audit *audit = context;

	tables_table(audit, table);
	roots_table(audit, table);
	nx_table(audit, table);
	return true;
}

static bool visit_entry(void *context, const struct mmu_entry *entry)
{
	struct audit *audit = context;
	struct audit_leaf leaf;

	if (entry->kind == MMU_ENTRY_LEAF || entry->kind == MMU_ENTRY_TABLE)
		audit->current->present++;
	entries_entry(audit, entry);
	tables_entry(audit, entry);
	if (entry->kind != MMU_ENTRY_LEAF)
		return true;
	audit->leafs[entry->level]++;
	leaf = audit_leaf_of(audit, entry);
	entries_leaf(audit, &leaf);
	stale_leaf(audit, &leaf);
	private_leaf(audit, &leaf);
	dirty_leaf(audit, &leaf);
	return true;
}

void audit_begin(struct audit *audit, struct world *world)
{
	enum mmu_paging paging = world->core_config.paging;

	*audit = (struct audit){
		.world = world,
		.core = world->core,
		.vm = world->vm,
		.format = {
			.paging = paging,
			.maxphyaddr = world->core_config.maxphyaddr,
			.accessed_dirty = world->core_config.accessed_dirty || paging == MMU_PAGING_NPT,
		},
		.nx_mitigation = world->core->counter(world->vm, MMU_COUNTER_NX_MITIGATION) == 1,
	};
	host_rcu_barrier();
	audit->core->for_each_root(audit->vm, collect_root, audit);
}

uint64_t invariants_audit(struct world *world)
{
	uint64_t before = finding_count();
	struct audit audit;

	world_settle(world);
	audit_begin(&audit, world);
	tables_begin(&audit);
	for (unsigned int i = 0; i < audit.nr_roots; i++) {
		audit.current = &audit.root[i];
		audit.core->for_each_table(audit.vm, audit.root[i].table.pfn, visit_table, &audit);
		audit.core->for_each_entry(audit.vm, audit.root[i].table.pfn, visit_entry, &audit);
	}
	slots_audit(&audit);
	private_audit(&audit);
	roots_end(&audit);
	nx_end(&audit);
	tables_end(&audit);
	protocol_audit(&audit);
	return finding_count() - before;
}
