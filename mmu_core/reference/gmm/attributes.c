// SPDX-License-Identifier: GPL-2.0-only
/*
 * attributes.c - which gfns are private, or with overlays want something of the mode to be seen.
 *
 * A change is an invalidation of its range: begun, everything of the old kind zapped, the attributes stored while
 * nobody holds mmu_lock, the frames' marks brought up to date, ended.  A fault that has read an attribute in between
 * tries again, because the sequence has moved on.  Not so where an attribute says which slot is found: nothing of a
 * slot may be done any more that was found by the old one, not even by the lockless path, nor what was noted of there
 * being none count, so all that look for slots are waited for before the end (gmm_slots_renew()).
 * Locking: changes: slots_lock.  Reads: none; what they say counts only under the invalidation protocol.
 * Source:  spec.md 3.7, S2.4, O-30.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

uint64_t gmm_attributes(struct mmu_vm *vm, gfn_t gfn)
{
	return gmm_radix_load(&vm->attributes, gfn);
}

uint64_t gmm_attributes_supported(const struct mmu_vm *vm)
{
	return (vm->has_private ? MMU_ATTRIBUTE_PRIVATE : 0) | vis_attributes(vm);
}

bool gmm_is_private(struct mmu_vm *vm, gfn_t gfn)
{
	return vm->has_private && (gmm_attributes(vm, gfn) & MMU_ATTRIBUTE_PRIVATE);
}

static bool has_all(struct mmu_vm *vm, gfn_t start, gfn_t end, uint64_t attributes)
{
	if (!attributes)
		return gmm_radix_next(&vm->attributes, start, end) == end;
	for (gfn_t gfn = start; gfn < end; gfn++) {
		if (gmm_attributes(vm, gfn) != attributes)
			return false;
	}
	return true;
}

/* mmu_lock held for writing.  What becomes private was shared, and the other way round; what is seen may be either. */
static bool zap_old_kind(struct mmu_vm *vm, const struct gmm_overlap *overlap, uint64_t attributes, bool flush)
{
	const unsigned int old_kind = attributes & MMU_ATTRIBUTE_PRIVATE ? GMM_SHARED : GMM_PRIVATE;
	const struct gmm_range range = {
		.as_id = overlap->slot->as_id,
		.start = overlap->start,
		.end = overlap->end,
		.filter = vis_attributes(vm) ? GMM_SHARED | GMM_PRIVATE : old_kind,
		.may_yield = true,
	};

	return vis_attributes(vm) && planted(M_31) ? flush : gmm_zap_range(vm, &range, flush);
}

/*
 * Large frames at the ends of the range that are of one kind may be about to be mapped as a whole, by a fault for a gfn
 * whose attribute does not change.
 */
static void add_ends(struct mmu_vm *vm, const struct gmm_overlap *overlap)
{
	const struct gmm_slot *slot = overlap->slot;

	for (unsigned int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint64_t npages = mmu_level_npages(level);
		gfn_t frames[] = { overlap->start & ~(npages - 1), (overlap->end - 1) & ~(npages - 1) };

		for (unsigned int i = 0; i < 2; i++) {
			gfn_t frame = frames[i];
			bool inside = frame >= overlap->start && frame + npages <= overlap->end;

			if (!inside && frame >= slot->base && frame + npages <= slot->base + slot->npages &&
			    !gmm_is_mixed(slot, frame, level))
				gmm_invalidate_add(vm, frame, frame + npages);
		}
	}
}

/* No slot, no invalidation. */
static bool begin(struct mmu_vm *vm, gfn_t start, gfn_t end, uint64_t attributes)
{
	bool found = false, flush = false;

	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slot_set *set = gmm_active(vm, as_id);
		struct gmm_overlap overlap;

		gmm_for_each_slot(slot, set)
		{
			if (!gmm_overlaps_gfns(slot, start, end, &overlap))
				continue;
			if (!found) {
				gmm_invalidate_begin(vm);
				gmm_invalidate_add(vm, start, end);
			}
			found = true;
			add_ends(vm, &overlap);
			flush = zap_old_kind(vm, &overlap, attributes, flush);
		}
	}
	if (flush)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	return found;
}

static void store(struct mmu_vm *vm, gfn_t start, gfn_t end, uint64_t attributes)
{
	gfn_t gfn = start;

	while (gfn < end) {
		/* To clear is to visit what is there. */
		gfn = attributes ? gfn : gmm_radix_next(&vm->attributes, gfn, end);
		if (gfn < end)
			gmm_radix_store(&vm->attributes, gfn++, attributes);
	}
}

static void end_it(struct mmu_vm *vm, gfn_t start, gfn_t end)
{
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slot_set *set = gmm_active(vm, as_id);
		struct gmm_overlap overlap;

		gmm_for_each_slot(slot, set)
		{
			if (gmm_overlaps_gfns(slot, start, end, &overlap))
				gmm_update_mixed(vm, slot, overlap.start, overlap.end);
		}
	}
	gmm_invalidate_end(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

static int set_locked(struct mmu_vm *vm, gfn_t start, gfn_t end, uint64_t attributes)
{
	int error = 0;
	bool found;

	if (has_all(vm, start, end, attributes))
		return 0;
	if (attributes)
		error = gmm_radix_reserve(&vm->attributes, start, end);
	if (error)
		return error;
	found = begin(vm, start, end, attributes);
	store(vm, start, end, attributes);
	if (!found)
		return 0;
	if (vis_attributes(vm))
		gmm_slots_renew(vm);
	end_it(vm, start, end);
	return 0;
}

int gmm_attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags)
{
	uint64_t supported = gmm_attributes_supported(vm);
	int error;

	if (flags || (attributes & ~supported) || !bytes || gpa + bytes < gpa)
		return -EINVAL;
	if ((gpa | bytes) & (MMU_PAGE_SIZE - 1))
		return -EINVAL;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	error = set_locked(vm, gpa >> MMU_PAGE_SHIFT, (gpa + bytes) >> MMU_PAGE_SHIFT, attributes);
	gmm_unlock(&vm->slots_lock);
	return error;
}
