// SPDX-License-Identifier: GPL-2.0-only
/* hva_cache.c - see hva_cache.h. */
#include "gmm/hva_cache.h"

#include <errno.h>

#include "sync.h"

/* The slot of @gfn if the core may write there; what is invalid is about to be no slot, or another one. */
static struct gmm_slot *find(struct mmu_vm *vm, gfn_t gfn)
{
	struct gmm_slot *slot = gmm_slot_seen(vm, 0, gfn);

	return slot && !(slot->flags & (GMM_SLOT_INVALID | MMU_SLOT_READONLY)) ? slot : NULL;
}

static hva_t hva_in(const struct gmm_slot *slot, gpa_t gpa)
{
	return slot->hva + gpa - (slot->base << MMU_PAGE_SHIFT);
}

/* SRCU held. */
static int look_up(struct mmu_vm *vm, struct gmm_hva_cache *cache)
{
	gfn_t first = cache->gpa >> MMU_PAGE_SHIFT, last = (cache->gpa + cache->bytes - 1) >> MMU_PAGE_SHIFT;
	struct gmm_slot *slot = NULL;

	cache->generation = gmm_generation(vm, 0);
	cache->broken = true;
	cache->slot = NULL;
	if (last < first)
		return -EINVAL;
	for (gfn_t gfn = first; gfn <= last; gfn = slot->base + slot->npages) {
		slot = find(vm, gfn);
		if (!slot)
			return -EFAULT;
	}
	cache->broken = false;
	if (first == last && !vis_attributes(vm)) {
		cache->slot = slot;
		cache->hva = hva_in(slot, cache->gpa);
	}
	return 0;
}

int gmm_hva_cache_init(struct mmu_vm *vm, struct gmm_hva_cache *cache, gpa_t gpa, uint64_t bytes)
{
	int index = host_srcu_read_lock(vm->srcu), error;

	CORE_ASSERT(bytes);
	*cache = (struct gmm_hva_cache){ .gpa = gpa, .bytes = bytes };
	error = look_up(vm, cache);
	host_srcu_read_unlock(vm->srcu, index);
	return error;
}

struct transfer {
	struct mmu_vm *vm;
	uint8_t *to; /* NULL: a write */
	const uint8_t *from;
};

/* Within one page. */
static int move_bytes(struct transfer *transfer, struct gmm_slot *slot, gpa_t gpa, hva_t hva, uint64_t bytes)
{
	struct host_mm *mm = transfer->vm->vm_config.mm;
	gfn_t gfn = gpa >> MMU_PAGE_SHIFT;

	if (transfer->to) {
		if (host_mm_read(mm, hva, transfer->to, bytes))
			return -EFAULT;
		transfer->to += bytes;
		return 0;
	}
	if (host_mm_write(mm, hva, transfer->from, bytes))
		return -EFAULT;
	transfer->from += bytes;
	gmm_mark_page_dirty(slot, gfn);
	return 0;
}

static int page_by_page(struct transfer *transfer, gpa_t gpa, uint64_t bytes)
{
	int error = 0;

	while (bytes && !error) {
		uint64_t left = MMU_PAGE_SIZE - gpa % MMU_PAGE_SIZE, some = bytes < left ? bytes : left;
		struct gmm_slot *slot = find(transfer->vm, gpa >> MMU_PAGE_SHIFT);

		error = slot ? move_bytes(transfer, slot, gpa, hva_in(slot, gpa), some) : -EFAULT;
		gpa += some;
		bytes -= some;
	}
	return error;
}

static int access(struct transfer *transfer, struct gmm_hva_cache *cache, uint64_t offset, uint64_t bytes)
{
	struct mmu_vm *vm = transfer->vm;
	int index, error = 0;

	if (offset > cache->bytes || bytes > cache->bytes - offset)
		return -EINVAL;
	index = host_srcu_read_lock(vm->srcu);
	if (cache->generation != gmm_generation(vm, 0))
		error = look_up(vm, cache);
	if (cache->broken)
		error = -EFAULT;
	else if (!error && cache->slot)
		error = move_bytes(transfer, cache->slot, cache->gpa + offset, cache->hva + offset, bytes);
	else if (!error)
		error = page_by_page(transfer, cache->gpa + offset, bytes);
	host_srcu_read_unlock(vm->srcu, index);
	return error;
}

int gmm_hva_cache_read(struct mmu_vm *vm, struct gmm_hva_cache *cache, uint64_t offset, void *to, uint64_t bytes)
{
	struct transfer transfer = { .vm = vm, .to = to };

	return access(&transfer, cache, offset, bytes);
}

int gmm_hva_cache_write(struct mmu_vm *vm, struct gmm_hva_cache *cache, uint64_t offset, const void *from,
			uint64_t bytes)
{
	struct transfer transfer = { .vm = vm, .from = from };

	return access(&transfer, cache, offset, bytes);
}
