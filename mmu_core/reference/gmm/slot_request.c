// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_request.c - what userspace asks of slots, and everything for which it is refused, in order.
 *
 * Source: spec.md O-10; the numbers are those of its list.
 */
#include <errno.h>

#include "gmm/gmm.h"

#define V1_FLAGS (MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY)
#define SLOT_IDS_MAX 32767
#define USER_SPACE_END HOST_ARENA_BASE

static bool is_unaligned(uint64_t bytes)
{
	return bytes & (MMU_PAGE_SIZE - 1);
}

/* 3: private memory is neither logged nor read-only. */
static bool flags_are_valid(const struct mmu_vm *vm, uint32_t flags)
{
	uint32_t valid = flags & MMU_SLOT_GMEM ? 0 : V1_FLAGS;

	valid |= vis_slot_flags(vm);
	if (vm->has_private)
		valid |= MMU_SLOT_GMEM;
	return !(flags & ~valid);
}

/* 1 to 10: what is wrong whatever slots there are. */
static bool is_malformed(const struct mmu_vm *vm, const struct mmu_slot_request *request, bool v1)
{
	hva_t hva_end = request->hva + request->bytes;

	if (v1 && (request->flags & ~(V1_FLAGS | vis_slot_flags(vm))))
		return true;
	if (request->id >= GMM_USER_SLOTS || !flags_are_valid(vm, request->flags))
		return true;
	if (is_unaligned(request->bytes) || is_unaligned(request->gpa))
		return true;
	if (is_unaligned(request->hva) || hva_end < request->hva || hva_end > USER_SPACE_END)
		return true;
	if ((request->flags & MMU_SLOT_GMEM) &&
	    (is_unaligned(request->gmem_offset) || request->gmem_offset + request->bytes < request->gmem_offset))
		return true;
	if (request->as_id >= vm->nr_as || request->id >= SLOT_IDS_MAX)
		return true;
	return request->gpa + request->bytes < request->gpa || request->bytes >> MMU_PAGE_SHIFT > GMM_SLOT_NPAGES_MAX;
}

/* 13 */
static int change_of(const struct gmm_slot *old, const struct gmm_slot *new, enum gmm_slot_change *change)
{
	uint32_t toggled = old->flags ^ new->flags;

	if ((new->flags &MMU_SLOT_GMEM) || old->hva != new->hva || old->npages != new->npages ||
	    (toggled & (MMU_SLOT_READONLY | MMU_SLOT_GMEM)))
		return -EINVAL;
	*change = old->base != new->base ? GMM_SLOT_MOVE : GMM_SLOT_FLAGS;
	return 0;
}

/* 14, in one set. */
static bool overlaps_in(struct mmu_vm *vm, unsigned int as_id, const struct gmm_slot *new)
{
	struct gmm_slot_set *set = gmm_active(vm, as_id);
	struct gmm_overlap overlap;

	gmm_for_each_slot(slot, set)
	{
		if ((slot->id != new->id || slot->as_id != new->as_id) &&
		    gmm_overlaps_gfns(slot, new->base, new->base + new->npages, &overlap))
			return true;
	}
	return false;
}

static bool overlaps_another(struct mmu_vm *vm, const struct gmm_slot *new)
{
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		if (vis_sets_conflict(vm, as_id, new->as_id) && overlaps_in(vm, as_id, new))
			return true;
	}
	return false;
}

static int set_locked(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	struct gmm_slot *old = gmm_slot_by_id(vm, request->as_id, request->id);
	const struct gmm_slot new = {
		.as_id = request->as_id,
		.id = request->id,
		.flags = request->flags,
		.base = request->gpa >> MMU_PAGE_SHIFT,
		.npages = request->bytes >> MMU_PAGE_SHIFT,
		.hva = request->hva,
	};
	enum gmm_slot_change change = GMM_SLOT_CREATE;
	int error = 0;

	if (!request->bytes) /* 11 */
		return old ? gmm_slot_update(vm, GMM_SLOT_DELETE, old, NULL, request) : -EINVAL;
	if (!old && vm->slot_npages + new.npages < vm->slot_npages) /* 12 */
		return -EINVAL;
	if (old)
		error = change_of(old, &new, &change);
	if (error)
		return error;
	if (change == GMM_SLOT_FLAGS && old->flags == new.flags)
		return 0;
	if (change != GMM_SLOT_FLAGS && overlaps_another(vm, &new))
		return -EEXIST;
	return gmm_slot_update(vm, change, old, &new, request);
}

int gmm_slot_set_request(struct mmu_vm *vm, const struct mmu_slot_request *request, bool v1)
{
	int error;

	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	error = is_malformed(vm, request, v1) ? -EINVAL : set_locked(vm, request);
	gmm_unlock(&vm->slots_lock);
	return error;
}
