// SPDX-License-Identifier: GPL-2.0-only
/*
 * hugepage.c - where a slot allows large leafs.
 *
 * A frame is what one leaf of 2M or 1G covers.  It may be one leaf if it lies inside the slot, if gfns and hvas agree
 * modulo its size, and if it does not hold both kinds of memory.  The first two never change, and count once.
 * Source: spec.md S1.5, 3.10, I-G2, I-M6.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

bool gmm_eager_split;

static uint64_t nr_frames(const struct gmm_slot *slot, int level)
{
	uint64_t npages = mmu_level_npages(level);

	return (slot->base + slot->npages - 1) / npages - slot->base / npages + 1;
}

static uint32_t *frame_of(const struct gmm_slot *slot, gfn_t gfn, int level)
{
	uint64_t npages = mmu_level_npages(level);

	return &slot->frame[level - MMU_LEVEL_2M][gfn / npages - slot->base / npages];
}

static void forbid_ends(struct gmm_slot *slot, int level)
{
	uint64_t npages = mmu_level_npages(level);
	gfn_t end = slot->base + slot->npages;
	bool disagree = (slot->base ^ (slot->hva >> MMU_PAGE_SHIFT)) & (npages - 1);

	for (uint64_t i = 0; disagree && i < nr_frames(slot, level); i++)
		slot->frame[level - MMU_LEVEL_2M][i] = 1;
	if (slot->base & (npages - 1))
		*frame_of(slot, slot->base, level) = 1;
	if ((end & (npages - 1)) && !planted(M_47))
		*frame_of(slot, end - 1, level) = 1;
}

int gmm_frames_create(struct mmu_vm *vm, struct gmm_slot *slot)
{
	for (int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint32_t *frames = host_alloc(nr_frames(slot, level) * sizeof(*frames), 0, HOST_ALLOC_ZERO);

		slot->frame[level - MMU_LEVEL_2M] = frames;
		if (!frames) {
			for (unsigned int i = 0; i < GMM_HUGE_LEVELS; i++) {
				host_free(slot->frame[i]);
				slot->frame[i] = NULL;
			}
			return -ENOMEM;
		}
		forbid_ends(slot, level);
	}
	if (gmm_attributes_supported(vm))
		gmm_update_mixed(vm, slot, slot->base, slot->base + slot->npages);
	return 0;
}

unsigned int gmm_level_of_slot(const struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t gfn)
{
	int level = vm->config.level_max;

	while (level > MMU_LEVEL_4K && sync_load(frame_of(slot, gfn, level)))
		level--;
	return level;
}

/* ----------------------------------------------------------------------------------------------- both kinds in one */

bool gmm_is_mixed(const struct gmm_slot *slot, gfn_t frame, int level)
{
	return sync_load(frame_of(slot, frame, level)) & GMM_FRAME_MIXED;
}

static bool is_inside(const struct gmm_slot *slot, gfn_t frame, int level)
{
	return frame >= slot->base && frame + mmu_level_npages(level) <= slot->base + slot->npages;
}

/* From the pages of a 2M frame; from the marks of its parts for a larger one. */
static bool is_mixed(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t frame, int level)
{
	uint64_t part = mmu_level_npages(level - 1);
	uint64_t first = gmm_attributes(vm, frame);

	for (gfn_t gfn = frame; gfn < frame + mmu_level_npages(level) - planted(M_24); gfn += part) {
		if (gmm_attributes(vm, gfn) != first)
			return true;
		if (level > MMU_LEVEL_2M && (sync_load(frame_of(slot, gfn, level - 1)) & GMM_FRAME_MIXED))
			return true;
	}
	return false;
}

void gmm_update_mixed(struct mmu_vm *vm, struct gmm_slot *slot, gfn_t start, gfn_t end)
{
	for (int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint64_t npages = mmu_level_npages(level);

		for (gfn_t frame = start & ~(npages - 1); frame < end; frame += npages) {
			uint32_t *count;

			if (!is_inside(slot, frame, level))
				continue;
			count = frame_of(slot, frame, level);
			if (is_mixed(vm, slot, frame, level))
				sync_store(count, *count | GMM_FRAME_MIXED);
			else
				sync_store(count, *count & ~GMM_FRAME_MIXED);
		}
	}
}
