// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusals_slots.c - conditions of refusals.def about memory slots.
 *
 * Locking: world.slots_lock; the file that is named is in use, so that it stays open.
 * Source:  spec.md O-10; virt/kvm/kvm_main.c __kvm_set_memory_region(), virt/kvm/guest_memfd.c kvm_gmem_bind().
 */
#include "harness/oracle/refusals_parts.h"

#define USER_SLOTS 32764 /* KVM_USER_MEM_SLOTS: SHRT_MAX less three internal ones */
#define NPAGES_MAX ((1ULL << 31) - 1) /* KVM_MEM_MAX_NR_PAGES */
#define USER_SPACE_END HOST_ARENA_BASE /* where the direct map begins */

static bool exists(const struct refusal *refusal)
{
	return refusal->slot && refusal->slot->now.npages;
}

static uint64_t pages_of(const struct mmu_slot_request *request)
{
	return request->bytes >> MMU_PAGE_SHIFT;
}

/* A slot will be where none was, or where it was not. */
static bool creates_or_moves(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;

	return request->bytes && (!exists(refusal) || refusal->slot->now.base != request->gpa >> MMU_PAGE_SHIFT);
}

static bool binds(const struct refusal *refusal)
{
	return refusal->request->bytes && !exists(refusal) && (refusal->request->flags & MMU_SLOT_GMEM);
}

bool refusal_v1_flags(const struct refusal *refusal)
{
	return refusal->request->flags & ~(uint32_t)(MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY);
}

bool refusal_internal_id(const struct refusal *refusal)
{
	return refusal->request->id >= USER_SLOTS;
}

bool refusal_slot_flags(const struct refusal *refusal)
{
	bool gmem = refusal->request->flags & MMU_SLOT_GMEM;
	uint32_t valid = gmem ? 0 : MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY;

	if (has_private_memory(refusal) || core_has(refusal, MMU_FEATURE_GMEM_SHARED))
		valid |= MMU_SLOT_GMEM;
	return refusal->request->flags & ~valid;
}

bool refusal_size_unaligned(const struct refusal *refusal)
{
	return is_unaligned(refusal->request->bytes);
}

bool refusal_gpa_unaligned(const struct refusal *refusal)
{
	return is_unaligned(refusal->request->gpa);
}

bool refusal_hva_bad(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;
	uint64_t end = request->hva + request->bytes;

	return is_unaligned(request->hva) || end < request->hva || end > USER_SPACE_END;
}

bool refusal_gmem_offset_bad(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;

	return (request->flags & MMU_SLOT_GMEM) &&
	       (is_unaligned(request->gmem_offset) || request->gmem_offset + request->bytes < request->gmem_offset);
}

bool refusal_no_address_space(const struct refusal *refusal)
{
	return refusal->request->as_id >= refusal->world->address_spaces;
}

bool refusal_gpa_wraps(const struct refusal *refusal)
{
	return refusal->request->gpa + refusal->request->bytes < refusal->request->gpa;
}

bool refusal_too_many_pages(const struct refusal *refusal)
{
	return pages_of(refusal->request) > NPAGES_MAX;
}

bool refusal_delete_missing(const struct refusal *refusal)
{
	return !refusal->request->bytes && !exists(refusal);
}

bool refusal_gmem_immutable(const struct refusal *refusal)
{
	return refusal->request->bytes && exists(refusal) && (refusal->request->flags & MMU_SLOT_GMEM);
}

bool refusal_slot_immutable(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;
	const struct model_slot_map *now;

	if (!request->bytes || !exists(refusal))
		return false;
	now = &refusal->slot->now;
	return request->hva != now->hva || pages_of(request) != now->npages ||
	       ((request->flags ^ now->flags) & (MMU_SLOT_READONLY | MMU_SLOT_GMEM));
}

bool refusal_slot_overlaps(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;

	return creates_or_moves(refusal) && world_slot_overlaps(refusal->world, request->as_id, refusal->slot,
								request->gpa >> MMU_PAGE_SHIFT, pages_of(request));
}

bool refusal_gmem_bad_file(const struct refusal *refusal)
{
	return binds(refusal) && !refusal->gmem && !refusal->other_file;
}

bool refusal_gmem_other_file(const struct refusal *refusal)
{
	return binds(refusal) && refusal->other_file;
}

bool refusal_gmem_end_overflows(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;

	return binds(refusal) && refusal->gmem && request->gmem_offset <= INT64_MAX &&
	       request->gmem_offset + request->bytes > INT64_MAX;
}

bool refusal_gmem_beyond_file(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;

	return binds(refusal) && refusal->gmem &&
	       (request->gmem_offset + request->bytes) >> MMU_PAGE_SHIFT > refusal->gmem->npages;
}

static bool is_bound_in(const struct refusal *refusal, const struct model_as *as)
{
	uint64_t first = refusal->request->gmem_offset >> MMU_PAGE_SHIFT;
	int file = (int)(refusal->gmem - refusal->world->model.gmem);

	model_for_each_slot(slot, as)
	{
		const struct model_slot_map *now = &slot->now;

		if (now->npages && now->gmem == file && now->gmem_page < first + pages_of(refusal->request) &&
		    first < now->gmem_page + now->npages)
			return true;
	}
	return false;
}

bool refusal_gmem_bound(const struct refusal *refusal)
{
	if (!binds(refusal) || !refusal->gmem)
		return false;
	for (unsigned int as_id = 0; as_id < refusal->world->address_spaces; as_id++) {
		if (is_bound_in(refusal, &refusal->world->model.as[as_id]))
			return true;
	}
	return false;
}

bool refusal_gfn_too_large(const struct refusal *refusal)
{
	const struct mmu_slot_request *request = refusal->request;
	gfn_t last = ((request->gpa + request->bytes) >> MMU_PAGE_SHIFT) - 1;

	return creates_or_moves(refusal) && last >> (refusal->world->core_config.maxphyaddr - MMU_PAGE_SHIFT);
}
