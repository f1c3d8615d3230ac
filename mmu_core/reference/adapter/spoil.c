// SPDX-License-Identifier: GPL-2.0-only
/*
 * spoil.c - the saboteur's hand: makes the state wrong in one way, so that a check can show that it notices.
 *
 * A second call with the same arguments (a negated one where something was added) takes the first back.
 * Locking: the caller has the VM to itself.
 */
#include <errno.h>

#include "adapter/adapter.h"

static struct gmm_root *root_at(struct pt_table *table)
{
	return table->parent ? NULL : gmm_root_of(table->tree);
}

static struct pt_table *table_at(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return page && page->kind == HOST_PAGE_CORE ? pt_table_at(pfn) : NULL;
}

/* @other is the table's own pfn: takes it back. */
static int spoil_header(struct pt_table *table, mmu_pfn_t pfn, mmu_pfn_t other)
{
	static struct pt_table *own; /* one table at a time */
	struct pt_table *header = other == pfn ? own : table_at(other);

	if (!header)
		return -ENOENT;
	own = other == pfn ? NULL : table;
	pt_table_set_header(pfn, header);
	return 0;
}

static int spoil_table(enum mmu_spoil what, mmu_pfn_t pfn, uint64_t value)
{
	struct pt_table *table = table_at(pfn);
	struct gmm_root *root = table ? root_at(table) : NULL;

	if (!table)
		return -ENOENT;
	switch (what) {
	case MMU_SPOIL_TABLE_GFN:
		table->ipn += value;
		return 0;
	case MMU_SPOIL_TABLE_PARENT:
		table->parent += value;
		return 0;
	case MMU_SPOIL_TABLE_ROLE:
		table->tag ^= (uint32_t)value;
		return 0;
	case MMU_SPOIL_TABLE_HEADER:
		return spoil_header(table, pfn, value);
	case MMU_SPOIL_ROOT_INVALID:
		if (!root)
			return -ENOENT;
		root->invalid = !root->invalid;
		return 0;
	case MMU_SPOIL_ROOT_COUNT:
		if (!root)
			return -ENOENT;
		root->count += (int32_t)value;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int spoil_slot(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	struct gmm_slot *slot;

	if (where >> 16 >= vm->nr_as)
		return -ENOENT;
	slot = gmm_slot_by_id(vm, where >> 16, (uint16_t)where);
	if (!slot)
		return -ENOENT;
	slot->flags ^= what == MMU_SPOIL_SLOT_FLAGS ? (uint32_t)value : GMM_SLOT_INVALID;
	return 0;
}

static int spoil_page(struct mmu_vm *vm, enum mmu_spoil what, gfn_t gfn)
{
	struct gmm_slot *slot = gmm_slot_find(vm, 0, gfn);

	if (!slot)
		return -ENOENT;
	if (what == MMU_SPOIL_MIXED) {
		slot->frame[0][gfn / 512 - slot->base / 512] ^= GMM_FRAME_MIXED;
		return 0;
	}
	if (!slot->dirty)
		return -ENOENT;
	slot->dirty[(gfn - slot->base) / 64] &= ~((uint64_t)1 << (gfn - slot->base) % 64);
	return 0;
}

static int spoil_counter(struct mmu_vm *vm, enum mmu_counter counter, uint64_t value)
{
	switch (counter) {
	case MMU_COUNTER_TDP_PAGES:
		vm->tables += value;
		return 0;
	case MMU_COUNTER_LEAFS_4K:
	case MMU_COUNTER_LEAFS_2M:
	case MMU_COUNTER_LEAFS_1G:
		vm->leafs[MMU_LEVEL_4K + counter - MMU_COUNTER_LEAFS_4K] += value;
		return 0;
	case MMU_COUNTER_NX_SPLITS:
		vm->nx_count += value;
		return 0;
	case MMU_COUNTER_INVALIDATE_SEQ:
		vm->seq += value;
		return 0;
	case MMU_COUNTER_INVALIDATE_IN_PROGRESS:
		vm->in_progress += value;
		return 0;
	case MMU_COUNTER_NOTIFIERS_ACTIVE:
		vm->windows += value;
		return 0;
	case MMU_COUNTER_SLOT_PAGES:
		vm->slot_npages += value;
		return 0;
	case MMU_COUNTER_SLOTS_DIRTY_LOGGED:
		vm->slots_logged += (uint32_t)value;
		return 0;
	case MMU_COUNTER_REMOTE_FLUSHES:
		vm->remote_flushes += value;
		return 0;
	case MMU_COUNTER_BUGGED:
		vm->bugged = value;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int spoil_entry(mmu_hpa_t address, uint64_t value)
{
	if (!table_at(address >> MMU_PAGE_SHIFT))
		return -ENOENT;
	__atomic_store_n((uint64_t *)(HOST_ARENA_BASE + address), value, __ATOMIC_RELAXED);
	return 0;
}

static int spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	switch (what) {
	case MMU_SPOIL_COUNTER:
		return spoil_counter(vm, where, value);
	case MMU_SPOIL_ENTRY:
		return spoil_entry(where, value);
	case MMU_SPOIL_TABLE_GFN:
	case MMU_SPOIL_TABLE_PARENT:
	case MMU_SPOIL_TABLE_ROLE:
	case MMU_SPOIL_TABLE_HEADER:
	case MMU_SPOIL_ROOT_INVALID:
	case MMU_SPOIL_ROOT_COUNT:
		return spoil_table(what, where, value);
	case MMU_SPOIL_SLOT_FLAG_INVALID:
	case MMU_SPOIL_SLOT_FLAGS:
		return spoil_slot(vm, what, where, value);
	case MMU_SPOIL_MIXED:
	case MMU_SPOIL_DIRTY_BIT:
		return spoil_page(vm, what, where);
	case MMU_SPOIL_GENERATION:
		if (where >= vm->nr_as)
			return -ENOENT;
		vm->slots[where].active->generation += value;
		return 0;
	case MMU_SPOIL_VCPU_ROLE:
		if (where >= vm->nr_vcpus)
			return -ENOENT;
		vm->vcpu[where]->role ^= (uint32_t)value;
		return 0;
	case MMU_SPOIL_LEAK:
		return host_alloc(64, 0, 0) ? 0 : -ENOMEM;
	case MMU_SPOIL_FLUSH_OFF:
		__atomic_store_n(&gmm_flushes_are_lost, value, __ATOMIC_RELAXED);
		return 0;
	case MMU_SPOIL_SLOT_NPAGES: /* both sets hold the same object */
	case MMU_SPOIL_KINDS:
		break;
	}
	return -EOPNOTSUPP;
}

int reference_spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	int index = host_srcu_read_lock(vm->srcu);
	int error = spoil(vm, what, where, value);

	host_srcu_read_unlock(vm->srcu, index);
	return error;
}
