// SPDX-License-Identifier: GPL-2.0-only
/*
 * attributer.c - flips ranges between private and shared: misaligned, across slots and holes, and what is not allowed.
 */
#include "stress/driver.h"

/* Gfns before a slot that a range may begin at, so that it straddles. */
#define BEFORE_MAX 64

static void ask_odd(struct world *world, gpa_t gpa, uint64_t bytes)
{
	switch (pick(4)) {
	case 0:
		world_attributes_set(world, gpa + 8, bytes, MMU_ATTRIBUTE_PRIVATE);
		break;
	case 1:
		world_attributes_set(world, gpa, 0, MMU_ATTRIBUTE_PRIVATE);
		break;
	case 2:
		world_attributes_set(world, gpa, -gpa + MMU_PAGE_SIZE, 0);
		break;
	case 3:
		world_attributes_set(world, gpa, bytes, 1);
		break;
	}
}

void role_attributer(struct stress_worker *worker)
{
	const struct layout_slot *slot = layout_pick_slot(0);
	struct layout_range range = layout_pick_range(slot->npages, 2048);
	gfn_t gfn = slot->base + range.first;
	gpa_t gpa;
	int error;

	if (one_in(4))
		gfn -= pick(BEFORE_MAX);
	if (one_in(4))
		range.npages += pick(BEFORE_MAX);
	gpa = gfn << MMU_PAGE_SHIFT;
	if (one_in(64)) {
		ask_odd(worker->stress->world, gpa, range.npages << MMU_PAGE_SHIFT);
		return;
	}
	error = world_attributes_set(worker->stress->world, gpa, range.npages << MMU_PAGE_SHIFT,
				     one_in(2) ? MMU_ATTRIBUTE_PRIVATE : 0);
	if (!error)
		worker_count_zap(worker);
}
