// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty.c - noticing writes: what is marked, and what makes the next write be noticed.
 *
 * Two ways.  By write protection: leafs of a logged slot may not be written, and the fault marks the page.  By the
 * CPU's own log (PML): it writes down the gpa whenever it sets a D bit, so D is cleared instead; large leafs are
 * protected all the same, because their one D bit says nothing of a page.
 * Locking: marking: SRCU, on the vCPU's own CPU.
 * Source:  spec.md 3.9, S1.6.
 */
#include "gmm/gmm.h"
#include "sync.h"

bool gmm_logs_by_write_protection(const struct mmu_vm *vm)
{
	return !vm->config.pml;
}

void gmm_mark_page_dirty(struct gmm_slot *slot, gfn_t gfn)
{
	uint64_t page = gfn - slot->base;

	if ((slot->flags & MMU_SLOT_LOG_DIRTY) && slot->dirty)
		sync_or(&slot->dirty[page / 64], (uint64_t)1 << page % 64);
}

void gmm_mark_dirty(struct mmu_vcpu *vcpu, struct gmm_slot *slot, gfn_t gfn)
{
	if (vcpu->ring.entry && (slot->flags & MMU_SLOT_LOG_DIRTY))
		gmm_ring_push(vcpu, slot, gfn - slot->base);
	else
		gmm_mark_page_dirty(slot, gfn);
}

bool gmm_protect_for_log(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t start, gfn_t end)
{
	const struct pt_protection clear = {
		.small = gmm_logs_by_write_protection(vm) ? PT_WRITE : PT_DIRTY,
		/*
		 * D as well: what a fault splits off the leaf would have it, and the CPU would not log the page.  A log
		 * that was all set at first has left such leafs writable, whatever the VM was told since.
		 */
		.large = PT_WRITE | PT_DIRTY,
	};
	bool flush = false;

	gmm_for_each_root(root, vm, slot->as_id, false)
		flush |= pt_protect(&root->tree, start, end, clear, PT_EXCLUSIVE);
	return flush;
}

/* Tables are made without the lock, some at a time; what has been split meanwhile is found split. */
void gmm_split_for_log(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t start, gfn_t end)
{
	struct pt_cache cache = { 0 };
	int error = 0;

	gmm_mmu_lock(vm, PT_SHARED);
	gmm_for_each_root(root, vm, slot->as_id, false)
	{
		gfn_t at = start;

		while (!error && pt_split(&root->tree, &at, end, MMU_LEVEL_4K, &cache, PT_SHARED)) {
			gmm_mmu_unlock(vm, PT_SHARED);
			error = pt_cache_fill(&cache, &vm->format, 4);
			gmm_mmu_lock(vm, PT_SHARED);
		}
	}
	gmm_mmu_unlock(vm, PT_SHARED);
	/* Without memory large leafs stay, and are protected as such. */
	pt_cache_drain(&cache);
}

void gmm_log_begins(struct mmu_vm *vm, const struct gmm_slot *slot)
{
	gfn_t end = slot->base + slot->npages;

	/* Everything counts as dirty: protecting can wait until it is cleared.  A ring has no bits to clear. */
	if (vm->vm_config.dirty_initially_set && slot->dirty)
		return;
	if (sync_load(&gmm_eager_split))
		gmm_split_for_log(vm, slot, slot->base, end);
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	gmm_protect_for_log(vm, slot, slot->base, end);
	/* Also for what others have protected before and not flushed: this operation says that the log is on. */
	gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

/* --------------------------------------------------------------------------------------------------- and afterwards */

static bool may_be_huge(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t frame, int level)
{
	hva_t hva = slot->hva + ((frame - slot->base) << MMU_PAGE_SHIFT);
	struct host_mm_mapping mapping;

	return frame >= slot->base && frame + mmu_level_npages(level) <= slot->base + slot->npages &&
	       gmm_level_of_slot(vm, slot, frame) >= (unsigned int)level &&
	       !gmm_is_invalidated(vm, frame, frame + mmu_level_npages(level)) &&
	       host_mm_lookup(vm->vm_config.mm, hva, &mapping) && mapping.level >= level;
}

static bool recover_level(struct mmu_vm *vm, struct gmm_root *root, const struct gmm_slot *slot, int level)
{
	uint64_t npages = mmu_level_npages(level);
	bool flush = false;

	for (gfn_t frame = slot->base & ~(npages - 1); frame < slot->base + slot->npages; frame += npages) {
		if (may_be_huge(vm, slot, frame, level))
			flush |= pt_collapse(&root->tree, frame, level);
	}
	return flush;
}

/*
 * Small leafs that only the log has made small become large ones where all of them are there; the others do when they
 * are faulted next.  Not where they are executable and large leafs may not be.
 */
void gmm_log_ends(struct mmu_vm *vm, const struct gmm_slot *slot)
{
	bool flush = false;

	if (vm->arch->nx_huge_pages && vm->arch->nx_huge_pages(vm))
		return;
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	gmm_for_each_root(root, vm, slot->as_id, false)
	{
		for (int level = MMU_LEVEL_2M; level <= vm->config.level_max; level++)
			flush |= recover_level(vm, root, slot, level);
	}
	if (flush)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}
