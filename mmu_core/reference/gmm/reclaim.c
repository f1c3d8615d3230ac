// SPDX-License-Identifier: GPL-2.0-only
/*
 * reclaim.c - what a VM whose memory is encrypted owes the host when pages go back: that no cache of a CPU still holds
 * what the guest wrote to them.  Written back later, with the guest's key, it would be over what the next owner has
 * there.
 *
 * Which event has to flush is a matter of where private memory lives (enum gmm_kind).  Whether an event has zapped
 * anything says nothing: what was written may have been zapped long before.
 *
 * The model of the caches: a page that loses a writable leaf is dirty until the next flush.  Frees ask it.
 * Locking: marks are made under mmu_lock, in any mode; a flush is under none, as it is slow.
 * Source:  spec.md S2.7, S2.8, I-P8.
 */
#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

static const struct {
	bool encrypts;
	bool flush_on_hva; /* private memory is the process's */
	bool flush_on_file; /* private memory is a guest_memfd's, and that alone frees it */
} kinds[] = {
	[GMM_KIND_PLAIN] = { 0 },
	[GMM_KIND_SEV] = { .encrypts = true, .flush_on_hva = true },
	[GMM_KIND_SNP] = { .encrypts = true, .flush_on_file = true },
	[GMM_KIND_TDX] = { 0 }, /* whoever keeps the external table writes back what leaves it */
};

int gmm_cache_reserve(struct mmu_vm *vm, mmu_pfn_t pfn, uint64_t npages)
{
	int error = 0;

	if (!kinds[vm->kind].encrypts)
		return 0;
	gmm_lock(&vm->cache_lock, &gmm_cache_class);
	error = gmm_radix_reserve(&vm->cache_dirty, pfn, pfn + npages);
	gmm_unlock(&vm->cache_lock);
	return error;
}

static bool is_encrypted(const struct mmu_vm *vm, mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return !kinds[vm->kind].flush_on_file ||
	       (page && __atomic_load_n(&page->kind, __ATOMIC_RELAXED) == HOST_PAGE_GMEM);
}

/* Kept is the number of the next flush, which is the first that takes away what was written until now. */
void gmm_cache_written(struct mmu_vm *vm, mmu_pfn_t pfn, uint64_t npages)
{
	if (!kinds[vm->kind].encrypts || !is_encrypted(vm, pfn))
		return;
	for (uint64_t i = 0; i < npages; i++)
		gmm_radix_store(&vm->cache_dirty, pfn + i, sync_load(&vm->cache_flushes) + 1);
}

bool gmm_cache_is_dirty(struct mmu_vm *vm, mmu_pfn_t pfn)
{
	return gmm_radix_load(&vm->cache_dirty, pfn) > sync_load(&vm->cache_flushes);
}

void gmm_reclaimed(struct mmu_vm *vm)
{
	CORE_ASSERT(!host_lock_held(&vm->mmu_lock, HOST_LOCK_SHARED));
	sync_add(&vm->reclaimed, 1);
	if (kinds[vm->kind].flush_on_hva && !planted(M_30))
		sync_add(&vm->cache_flushes, 1);
}

void gmm_file_frees(struct mmu_vm *vm)
{
	if (kinds[vm->kind].flush_on_file && !planted(M_30))
		sync_add(&vm->cache_flushes, 1);
}
