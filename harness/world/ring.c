// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring.c - dirty rings: every vCPU's entries are taken, then one reset re-protects all that were taken.
 *
 * Locking: world.ring_lock, so that a reset covers exactly what this harvest took.
 * Source:  spec.md 3.9, 7.8 (a ring reports at its reset), O-72.
 */
#include <errno.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

#define BATCH 256

struct taken {
	uint32_t as_and_id;
	uint64_t page;
};

struct harvest {
	struct taken *taken;
	size_t count;
	size_t room;
};

static void append(struct harvest *harvest, uint32_t as_and_id, uint64_t page)
{
	if (harvest->count == harvest->room) {
		harvest->room = harvest->room ? 2 * harvest->room : BATCH;
		harvest->taken = host_memory_resize(harvest->taken, harvest->room * sizeof(*harvest->taken));
	}
	harvest->taken[harvest->count++] = (struct taken){ as_and_id, page };
}

static int take(struct world_vcpu *vcpu, struct harvest *harvest)
{
	uint32_t as_and_id[BATCH];
	uint64_t page[BATCH];
	int count;

	do {
		count = vcpu->world->core->ring_harvest(vcpu->core, as_and_id, page, BATCH);
		for (int i = 0; i < count; i++)
			append(harvest, as_and_id[i], page[i]);
	} while (count == BATCH);
	return count < 0 ? count : 0;
}

static void note(struct world *world, const struct taken *taken, uint64_t from, uint64_t at)
{
	struct model_slot *slot = dirty_lock_slot(world, taken->as_and_id >> 16, taken->as_and_id & 0xffff);

	if (!slot)
		return;
	if ((slot->now.flags & MMU_SLOT_LOG_DIRTY) && taken->page < slot->now.npages) {
		dirty_note_report(slot->dirty, taken->page, at);
		dirty_note_protection(slot->dirty, taken->page, from, at);
	}
	dirty_unlock_slot(slot);
}

static int collect_locked(struct world *world, struct harvest *harvest)
{
	struct refusal refusal = { .op = OP_ring_collect, .world = world, .exact = true };
	uint64_t from, at;
	int error = 0;

	/* Without rings only the core is asked, so that it is the core that says so. */
	for (unsigned int i = 0; i < world->vcpus && world->vm_config.dirty_ring_bytes && !error; i++)
		error = take(world->vcpu[i], harvest);
	if (error)
		return error;
	refusal_begin(&refusal);
	from = model_op_begin(&world->model);
	error = world->core->ring_reset(world->vm);
	at = model_op_return(&world->model);
	refusal_end(&refusal, error);
	if (error < 0)
		return error;
	__atomic_store_n(&world->ring_prefaulted, 0, __ATOMIC_RELAXED);
	for (size_t i = 0; i < harvest->count; i++)
		note(world, &harvest->taken[i], from, at);
	return harvest->count;
}

int world_ring_collect(struct world *world)
{
	struct harvest harvest = { 0 };
	int result;

	world_lock(&world->ring_lock);
	result = collect_locked(world, &harvest);
	world_unlock(&world->ring_lock);
	host_memory_free(harvest.taken);
	return result;
}
