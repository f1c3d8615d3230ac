// SPDX-License-Identifier: GPL-2.0-only
/*
 * harvester.c - a VMM that logs dirty pages: switches logging, collects, clears, and migrates the slot whose contents
 * nobody takes away.
 *
 * A migration goes on while the threads run and ends when they are parked, with a compare of source and copy (I-D1).
 */
#include "stress/driver.h"

#define WORDS_MAX 64 /* of the bitmap of the largest slot that is logged */
#define LOGGED_NPAGES_MAX (WORDS_MAX * 64)

static bool may_log(const struct stress *stress, const struct layout_slot *slot)
{
	bool gmem = stress->world->vm_config.type == MMU_VM_SW_PROTECTED && slot->file != FILE_NONE;

	return slot->as_id < stress->world->address_spaces && slot->npages <= LOGGED_NPAGES_MAX && !gmem &&
	       layout_areas[slot->area].manners == MANNERS_FREE && !(slot->flags & MMU_SLOT_READONLY);
}

static const struct layout_slot *pick_logged(const struct stress *stress)
{
	for (;;) {
		const struct layout_slot *slot = layout_pick_slot((unsigned int)pick(stress->world->address_spaces));

		if (may_log(stress, slot))
			return slot;
	}
}

static const struct layout_slot *kept_slot(void)
{
	const struct layout_slot *slot = layout_slots;

	while (layout_areas[slot->area].manners != MANNERS_KEEPS)
		slot++;
	return slot;
}

static void clear_some(struct stress *stress, const struct layout_slot *slot, const uint64_t *bitmap)
{
	uint64_t first = pick((slot->npages + 63) / 64) * 64;
	uint64_t npages = slot->npages - first;

	if (one_in(2) && npages > 64)
		npages = 64;
	world_dirty_clear(stress->world, slot->as_id, slot->id, first, (uint32_t)npages, bitmap + first / 64);
}

static void collect(struct stress *stress, const struct layout_slot *slot)
{
	uint64_t bitmap[WORDS_MAX] = { 0 };

	if (stress->dirty == STRESS_DIRTY_RING) {
		world_ring_collect(stress->world);
		return;
	}
	if (world_dirty_get(stress->world, slot->as_id, slot->id, bitmap))
		return; /* not logged now */
	if (stress->world->vm_config.manual_dirty_protect)
		clear_some(stress, slot, bitmap);
}

/* Begins the migration or does one pass of it, unless another harvester is at it. */
static void migrate(struct stress *stress)
{
	const struct layout_slot *slot = kept_slot();

	if (__atomic_exchange_n(&stress->migrating, true, __ATOMIC_ACQUIRE))
		return;
	if (stress->migration)
		world_migration_pass(stress->migration);
	else if (world_migration_begin(stress->world, slot->as_id, slot->id, &stress->migration))
		stress->migration = NULL;
	__atomic_store_n(&stress->migrating, false, __ATOMIC_RELEASE);
}

void role_harvester(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;
	const struct layout_slot *slot = pick_logged(stress);

	switch (pick(4)) {
	case 0:
		if (!world_slot_set_flags(stress->world, slot->as_id, slot->id,
					  slot->flags | (one_in(4) ? 0 : MMU_SLOT_LOG_DIRTY)))
			worker_count_zap(worker);
		break;
	case 1:
		migrate(stress);
		break;
	default:
		collect(stress, slot);
		break;
	}
}

void harvester_finish(struct stress *stress)
{
	if (stress->migration) {
		stress->totals.migrations += !world_migration_end(stress->migration);
		stress->migration = NULL;
	}
	world_dirty_harvest_all(stress->world);
	world_check_dirty(stress->world);
}
