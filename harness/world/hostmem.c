// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostmem.c - what the host does to the memory behind the guest.
 *
 * The pages themselves say what is lawful afterwards (struct host_page), so the model only counts these operations.
 * Locking: none but for the table of open windows.
 * Source:  spec.md O-40 to O-42.
 */
#include <errno.h>

#include "harness/world/world_parts.h"

int world_host_area_add(struct world *world, hva_t start, uint64_t npages, unsigned int level_max, bool writable)
{
	const struct host_mm_area area = {
		.start = start,
		.npages = npages,
		.level_max = level_max,
		.writable = writable,
	};

	return host_mm_area_add(world->mm, &area);
}

void world_host_unmap(struct world *world, hva_t hva, uint64_t npages)
{
	model_op_begin(&world->model);
	host_mm_unmap(world->mm, hva, npages);
	model_op_return(&world->model);
}

void world_host_protect(struct world *world, hva_t hva, uint64_t npages)
{
	model_op_begin(&world->model);
	host_mm_protect(world->mm, hva, npages);
	model_op_return(&world->model);
}

static int change(struct world *world, hva_t hva, int (*call)(struct host_mm *mm, hva_t hva))
{
	int error;

	model_op_begin(&world->model);
	error = call(world->mm, hva);
	model_op_return(&world->model);
	return error;
}

int world_host_migrate(struct world *world, hva_t hva)
{
	return change(world, hva, host_mm_migrate);
}

int world_host_split(struct world *world, hva_t hva)
{
	return change(world, hva, host_mm_split);
}

int world_host_collapse(struct world *world, hva_t hva)
{
	return change(world, hva, host_mm_collapse);
}

void world_host_poison(struct world *world, hva_t hva)
{
	__atomic_add_fetch(&world->poisons, 1, __ATOMIC_RELAXED);
	model_op_begin(&world->model);
	host_mm_poison(world->mm, hva);
	model_op_return(&world->model);
}

bool world_host_age(struct world *world, hva_t hva, uint64_t npages, int how)
{
	bool young;

	model_op_begin(&world->model);
	young = host_mm_age(world->mm, hva, npages, how);
	model_op_return(&world->model);
	return young;
}

static int claim_window(struct world *world, hva_t hva, uint64_t npages)
{
	int found = -E2BIG;

	world_lock(&world->windows_lock);
	for (int i = 0; i < MODEL_WINDOWS_MAX && found < 0; i++) {
		struct model_window *window = &world->model.window[i];

		if (window->npages)
			continue;
		*window = (struct model_window){ .start = hva, .npages = npages };
		MODEL_SET(world->model.windows_open, world->model.windows_open + 1);
		found = i;
	}
	world_unlock(&world->windows_lock);
	return found;
}

int world_host_window_open(struct world *world, hva_t hva, uint64_t npages)
{
	int number;

	HOST_ASSERT(npages);
	number = claim_window(world, hva, npages);
	if (number < 0)
		return number;
	model_op_begin(&world->model);
	host_mm_window_open(world->mm, hva, npages);
	model_op_return(&world->model);
	return number;
}

void world_host_window_close(struct world *world, int number)
{
	struct model_window *window = &world->model.window[number];

	HOST_ASSERT(number >= 0 && number < MODEL_WINDOWS_MAX && window->npages);
	model_op_begin(&world->model);
	host_mm_window_close(world->mm, window->start, window->npages);
	model_op_return(&world->model);
	world_lock(&world->windows_lock);
	window->npages = 0;
	MODEL_SET(world->model.windows_open, world->model.windows_open - 1);
	world_unlock(&world->windows_lock);
}
