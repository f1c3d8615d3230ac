// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotter.c - creates, deletes, moves and re-flags slots, and asks for what is not allowed.
 *
 * Keeps no books: an operation on a slot that another slotter has just deleted is refused by the core, which is one
 * more thing to test.
 */
#include "stress/driver.h"

#include <errno.h>

/* What is done to all of a 1 GiB slot takes milliseconds in the core. */
#define GIANT_ONE_IN 16

static bool may_change(const struct layout_slot *slot)
{
	const struct layout_area *area = &layout_areas[slot->area];

	return area->manners == MANNERS_FREE && (area->level_max < MMU_LEVEL_1G || one_in(GIANT_ONE_IN));
}

static const struct layout_slot *pick_free_slot(const struct stress *stress)
{
	for (;;) {
		const struct layout_slot *slot = layout_pick_slot((unsigned int)pick(stress->world->address_spaces));

		if (may_change(slot))
			return slot;
	}
}

static int create(struct stress *stress, const struct layout_slot *slot)
{
	struct mmu_slot_request request;

	layout_request(stress->world, &stress->files, slot, &request);
	return world_slot_set(stress->world, &request);
}

static bool delete_and_create(struct stress *stress, const struct layout_slot *slot)
{
	int error = world_slot_delete(stress->world, slot->as_id, slot->id);

	worker_linger(100);
	create(stress, slot);
	return !error;
}

/* Away by a round distance, which keeps huge pages possible, or by one that does not; and back. */
static bool move_and_back(struct stress *stress, const struct layout_slot *slot)
{
	uint64_t distance = slot->npages > LAYOUT_MOVED ? 512 : LAYOUT_MOVED;
	int error;

	if (one_in(4))
		distance++;
	error = world_slot_move(stress->world, slot->as_id, slot->id, slot->base + distance);
	if (error == -ENOENT)
		return !create(stress, slot);
	worker_linger(100);
	world_slot_move(stress->world, slot->as_id, slot->id, slot->base);
	return !error;
}

static bool flip_logging(struct stress *stress, const struct layout_slot *slot)
{
	int error = world_slot_set_flags(stress->world, slot->as_id, slot->id, slot->flags | MMU_SLOT_LOG_DIRTY);

	worker_linger(200);
	world_slot_set_flags(stress->world, slot->as_id, slot->id, slot->flags);
	return !error;
}

/* One field wrong, or all fields right for another slot: refused, or lawful by accident. */
static void ask_odd(struct stress *stress, const struct layout_slot *slot)
{
	struct mmu_slot_request request;

	layout_request(stress->world, &stress->files, slot, &request);
	switch (pick(7)) {
	case 0:
		request.flags ^= 1u << pick(5);
		break;
	case 1:
		request.gpa += 1 + pick(MMU_PAGE_SIZE - 1);
		break;
	case 2:
		request.bytes += pick(2) ? MMU_PAGE_SIZE : 8;
		break;
	case 3:
		request.hva += MMU_PAGE_SIZE;
		break;
	case 4:
		request.id = (uint16_t)pick(8);
		break;
	case 5:
		request.as_id = (uint16_t)pick(3);
		break;
	case 6:
		request.gpa = ~(gpa_t)0 << (MMU_PAGE_SHIFT + pick(52));
		break;
	}
	world_slot_set(stress->world, &request);
}

void role_slotter(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;
	const struct layout_slot *slot = pick_free_slot(stress);
	bool zapped = false;

	switch (pick(8)) {
	case 0:
	case 1:
	case 2:
		zapped = delete_and_create(stress, slot);
		break;
	case 3:
	case 4:
		zapped = move_and_back(stress, slot);
		break;
	case 5:
	case 6:
		zapped = flip_logging(stress, slot);
		break;
	default:
		ask_odd(stress, slot);
		break;
	}
	if (zapped)
		worker_count_zap(worker);
}
