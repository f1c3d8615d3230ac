// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy.c - mitigations, limits and background work of the core, seen from outside.
 */
#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

int world_nx_set(struct world *world, enum mmu_nx_mode mode)
{
	int error;

	MODEL_SET(world->zapped_at, model_op_begin(&world->model));
	error = world->core->nx_set(mode);
	model_op_return(&world->model);
	return error;
}

int world_nx_recover(struct world *world)
{
	int error;

	model_op_begin(&world->model);
	error = world->core->nx_recover(world->vm);
	model_op_return(&world->model);
	return error;
}

int world_pages_limit(struct world *world, uint64_t npages)
{
	struct refusal refusal = { .op = OP_pages_limit, .world = world, .exact = true, .value = npages };
	int error;

	refusal_begin(&refusal);
	model_op_begin(&world->model);
	error = world->core->pages_limit(world->vm, npages);
	model_op_return(&world->model);
	refusal_end(&refusal, error);
	return error;
}

int world_shrink(struct world *world, unsigned long count)
{
	int freed;

	model_op_begin(&world->model);
	freed = world->core->shrink(count);
	model_op_return(&world->model);
	return freed;
}

int world_eager_split(struct world *world, bool on)
{
	int error;

	model_op_begin(&world->model);
	error = world->core->eager_split_set(on);
	model_op_return(&world->model);
	return error;
}
