// SPDX-License-Identifier: GPL-2.0-only
/*
 * invalidate.c - how a fault learns that what it found out is no longer so.
 *
 * Whoever takes memory away says begin, names the range, zaps it, does the deed and says end.  A fault reads the
 * sequence count before it looks at anything; under mmu_lock it goes on only if the count is still that, and if nothing
 * that is in progress touches what it would map.
 *
 * The range is the hull of all that is in progress, until nothing is: it may be too large, never too small.
 * Locking: mmu_lock held for writing, but for what a fault asks.
 * Source:  spec.md 3.3, S2.
 */
#include "gmm/mirror.h"
#include "plant.h"
#include "sync.h"

void gmm_invalidate_begin(struct mmu_vm *vm)
{
	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_EXCLUSIVE));
	if (vm->in_progress == 0) {
		sync_store(&vm->invalid_start, ~(gfn_t)0);
		sync_store(&vm->invalid_end, (gfn_t)0);
	}
	sync_store(&vm->in_progress, vm->in_progress + 1);
}

void gmm_invalidate_add(struct mmu_vm *vm, gfn_t start, gfn_t end)
{
	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_EXCLUSIVE));
	GMM_BUG_ON(vm, vm->in_progress <= 0);
	if (start < vm->invalid_start || planted(M_9))
		sync_store(&vm->invalid_start, start);
	if (end > vm->invalid_end || planted(M_9))
		sync_store(&vm->invalid_end, end);
}

/* The count first: who sees that nothing is in progress any more sees that something was. */
void gmm_invalidate_end(struct mmu_vm *vm)
{
	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_EXCLUSIVE));
	sync_store_release(&vm->seq, vm->seq + 1);
	sync_store_release(&vm->in_progress, vm->in_progress - 1);
	GMM_BUG_ON(vm, vm->in_progress < 0);
}

bool gmm_is_invalidated(const struct mmu_vm *vm, gfn_t start, gfn_t end)
{
	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_SHARED));
	return vm->in_progress && start < vm->invalid_end && vm->invalid_start < end;
}

/* By the owner of the page itself, not by the attribute, which changes while nobody holds mmu_lock (spec.md S2.6). */
static bool is_shared_leaf(const struct pt_entry *leaf)
{
	const struct host_page *page = host_page(leaf->opn);

	return page && __atomic_load_n(&page->kind, __ATOMIC_RELAXED) != HOST_PAGE_GMEM;
}

static bool is_private_leaf(const struct pt_entry *leaf)
{
	return !is_shared_leaf(leaf);
}

bool gmm_filter_of(bool only_private, bool only_shared, unsigned int *filter)
{
	*filter = (only_private ? 0 : GMM_SHARED) | (only_shared ? 0 : GMM_PRIVATE);
	return *filter;
}

bool (*gmm_wanted(const struct mmu_vm *vm, unsigned int filter))(const struct pt_entry *leaf)
{
	CORE_ASSERT(filter);
	if (vm->filter_mode != GMM_FILTER_EXACT)
		return NULL;
	return filter == GMM_SHARED ? is_shared_leaf : filter == GMM_PRIVATE ? is_private_leaf : NULL;
}

bool gmm_zap_range(struct mmu_vm *vm, const struct gmm_range *range, bool flush)
{
	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_EXCLUSIVE));
	gmm_for_each_root(root, vm, (int)range->as_id, !planted(M_22))
	{
		if (!gmm_root_has(root, range->filter))
			continue;
		flush = pt_unmap(&root->tree, range->start, range->end, gmm_wanted(vm, range->filter), range->may_yield,
				 flush && !planted(M_1));
	}
	return flush;
}
