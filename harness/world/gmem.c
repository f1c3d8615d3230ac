// SPDX-License-Identifier: GPL-2.0-only
/*
 * gmem.c - guest_memfd files: made, filled, punched, closed, and when each page was punched last (I-P7).
 *
 * Locking: world.gmem_lock finds and makes entries; each file's own lock is held shared while an operation uses the
 *          descriptor and exclusively to close it, because a file in use is released later than its close returns.
 * Source:  spec.md O-31 to O-33.
 */
#include <errno.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

static struct model_gmem *find_file(struct model *model, int descriptor)
{
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		struct model_gmem *gmem = &model->gmem[i];

		if (MODEL_GET(gmem->state) != MODEL_DEAD && gmem->descriptor == descriptor)
			return gmem;
	}
	return NULL;
}

struct model_gmem *gmem_users_begin(struct world *world, int descriptor)
{
	struct model_gmem *gmem;

	world_lock(&world->gmem_lock);
	gmem = find_file(&world->model, descriptor);
	if (gmem) {
		world_lock_shared(&gmem->lock);
		if (MODEL_GET(gmem->state) == MODEL_DEAD) {
			world_unlock_shared(&gmem->lock);
			gmem = NULL;
		}
	}
	world_unlock(&world->gmem_lock);
	return gmem;
}

void gmem_users_end(struct model_gmem *gmem)
{
	world_unlock_shared(&gmem->lock);
}

static bool is_named(const struct model *model, int index)
{
	for (unsigned int as_id = 0; as_id < MMU_ADDRESS_SPACES_MAX; as_id++) {
		model_for_each_slot(slot, &model->as[as_id])
		{
			if (MODEL_GET(slot->state) != MODEL_DEAD &&
			    (MODEL_GET(slot->now.gmem) == index || MODEL_GET(slot->next.gmem) == index))
				return true;
		}
	}
	return false;
}

static struct model_gmem *find_free(struct model *model)
{
	for (int i = 0; i < MODEL_GMEM_MAX; i++) {
		if (model->gmem[i].state == MODEL_DEAD && !is_named(model, i))
			return &model->gmem[i];
	}
	return NULL;
}

static void settle_new(struct world *world, struct model_gmem *gmem, int descriptor, uint64_t npages, uint64_t flags)
{
	if (gmem->capacity < npages) {
		world_retire(world, gmem->punched);
		gmem->punched = host_memory_alloc(npages * sizeof(*gmem->punched));
		gmem->capacity = npages;
	}
	gmem->descriptor = descriptor;
	MODEL_SET(gmem->released, false);
	MODEL_SET(gmem->backs_shared, !!(flags & MMU_GMEM_MMAP));
	MODEL_SET(gmem->npages, npages);
	MODEL_SET(gmem->id, world->core->gmem_id(world->vm, descriptor));
	__atomic_thread_fence(__ATOMIC_RELEASE);
	MODEL_SET(gmem->state, MODEL_LIVE);
}

/* More than a run has memory for, of all files that still have pages. */
static bool is_too_much(const struct world *world, uint64_t bytes)
{
	uint64_t npages = bytes >> MMU_PAGE_SHIFT;

	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		if (world->model.gmem[i].state != MODEL_DEAD)
			npages += world->model.gmem[i].npages;
	}
	return world->limits.gmem_npages && npages > world->limits.gmem_npages;
}

int world_gmem_create_raw(struct world *world, uint64_t bytes, uint64_t flags)
{
	struct refusal refusal = {
		.op = OP_gmem_create,
		.world = world,
		.exact = true,
		.bytes = bytes,
		.flags = flags,
	};
	struct model_gmem *gmem;
	int descriptor = -E2BIG;

	world_lock(&world->gmem_lock);
	refusal_begin(&refusal);
	gmem = find_free(&world->model);
	if (gmem && (refusal.row || !is_too_much(world, bytes))) {
		model_op_begin(&world->model);
		descriptor = world->core->gmem_create(world->vm, bytes, flags);
		model_op_return(&world->model);
		refusal_end(&refusal, descriptor);
		if (descriptor >= 0)
			settle_new(world, gmem, descriptor, bytes >> MMU_PAGE_SHIFT, flags);
	}
	world_unlock(&world->gmem_lock);
	return descriptor;
}

int world_gmem_create(struct world *world, uint64_t bytes)
{
	return world_gmem_create_raw(world, bytes, 0);
}

/* Of two punches of one page the one that began later tells more. */
static void stamp_punch(struct world *world, struct model_gmem *gmem, uint64_t offset, uint64_t bytes, uint64_t from,
			uint64_t at)
{
	uint64_t end = (offset + bytes) >> MMU_PAGE_SHIFT;

	world_lock(&world->punches_lock);
	for (uint64_t page = offset >> MMU_PAGE_SHIFT; page < end && page < gmem->npages; page++) {
		struct model_punch *punch = &gmem->punched[page];

		if (punch->from > from)
			continue;
		MODEL_SET(punch->at, at);
		__atomic_thread_fence(__ATOMIC_RELEASE);
		MODEL_SET(punch->from, from);
	}
	world_unlock(&world->punches_lock);
}

static bool is_punch(unsigned int mode)
{
	return mode == (MMU_FALLOCATE_KEEP_SIZE | MMU_FALLOCATE_PUNCH_HOLE);
}

int world_gmem_fallocate(struct world *world, int descriptor, unsigned int mode, uint64_t offset, uint64_t bytes)
{
	struct model_gmem *gmem = gmem_users_begin(world, descriptor);
	struct refusal refusal = {
		.op = OP_gmem_fallocate,
		.world = world,
		.exact = true,
		.gmem = gmem,
		.other_file = descriptor == MMU_GMEM_OTHER_FILE,
		.flags = mode,
		.offset = offset,
		.bytes = bytes,
	};
	uint64_t from, at;
	int error;

	if (!gmem && descriptor != MMU_GMEM_OTHER_FILE)
		descriptor = MMU_GMEM_NONE;
	refusal_begin(&refusal);
	from = model_op_begin(&world->model);
	error = world->core->gmem_fallocate(world->vm, descriptor, mode, offset, bytes);
	at = model_op_return(&world->model);
	refusal_end(&refusal, error);
	if (gmem && !error && is_punch(mode))
		stamp_punch(world, gmem, offset, bytes, from, at);
	if (gmem)
		gmem_users_end(gmem);
	return error;
}

int world_gmem_allocate(struct world *world, int descriptor, uint64_t offset, uint64_t bytes)
{
	return world_gmem_fallocate(world, descriptor, MMU_FALLOCATE_KEEP_SIZE, offset, bytes);
}

int world_gmem_punch(struct world *world, int descriptor, uint64_t offset, uint64_t bytes)
{
	return world_gmem_fallocate(world, descriptor, MMU_FALLOCATE_KEEP_SIZE | MMU_FALLOCATE_PUNCH_HOLE, offset,
				    bytes);
}

int world_gmem_error(struct world *world, int descriptor, uint64_t offset)
{
	struct model_gmem *gmem = gmem_users_begin(world, descriptor);
	int error;

	if (!gmem)
		return -EBADF;
	model_op_begin(&world->model);
	error = world->core->gmem_error(world->vm, descriptor, offset);
	model_op_return(&world->model);
	gmem_users_end(gmem);
	return error;
}

void world_gmem_close(struct world *world, int descriptor)
{
	struct model_gmem *gmem;

	world_lock(&world->gmem_lock);
	gmem = find_file(&world->model, descriptor);
	if (gmem && gmem->state == MODEL_LIVE)
		MODEL_SET(gmem->state, MODEL_CHANGING);
	else
		gmem = NULL; /* not ours, or somebody closes it already */
	world_unlock(&world->gmem_lock);
	if (!gmem)
		return;
	world_lock(&gmem->lock);
	model_op_begin(&world->model);
	world->core->gmem_close(world->vm, descriptor);
	model_op_return(&world->model);
	MODEL_SET(gmem->state, MODEL_DEAD);
	world_unlock(&gmem->lock);
}

void gmem_settle(struct world *world)
{
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		if (world->model.gmem[i].state == MODEL_DEAD)
			MODEL_SET(world->model.gmem[i].released, true);
	}
}
