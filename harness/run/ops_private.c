// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_private.c - attributes and guest_memfd files.
 *
 * Locking: run.lock keeps the list of open files; a descriptor that another thread closes meanwhile is one more wrong
 *          argument.
 */
#include <errno.h>

#include "harness/run/run_parts.h"

#define PICK_OTHER_FILE 254 /* operands.def */
#define PICK_NONE 255

int run_gmem_pick(struct run *run, uint64_t index)
{
	int descriptor;

	if (index == PICK_OTHER_FILE)
		return MMU_GMEM_OTHER_FILE;
	run_lock(&run->lock);
	descriptor = index == PICK_NONE || !run->nr_gmems ? MMU_GMEM_NONE : run->gmem[index % run->nr_gmems];
	run_unlock(&run->lock);
	return descriptor;
}

/* Takes the file off the list; MMU_GMEM_NONE: there is none. */
static int take_gmem(struct run *run, uint64_t index)
{
	int descriptor = MMU_GMEM_NONE;

	run_lock(&run->lock);
	if (index < PICK_OTHER_FILE && run->nr_gmems) {
		unsigned int at = index % run->nr_gmems;

		descriptor = run->gmem[at];
		run->nr_gmems--;
		for (; at < run->nr_gmems; at++)
			run->gmem[at] = run->gmem[at + 1];
	}
	run_unlock(&run->lock);
	return descriptor;
}

int run_attributes_set(struct run_stream *stream, const struct args_attributes_set *args)
{
	int error = world_attributes_set_raw(stream->run->world, args->gpa, args->bytes, args->attributes, args->flags);

	return error == -E2BIG ? skip(stream, "more than the harness follows") : error;
}

int run_gmem_create(struct run_stream *stream, const struct args_gmem_create *args)
{
	struct run *run = stream->run;
	int descriptor;

	descriptor = world_gmem_create_raw(run->world, args->bytes, args->flags);
	if (descriptor == -E2BIG)
		return skip(stream, "more than the harness follows");
	if (descriptor < 0)
		return descriptor;
	run_lock(&run->lock);
	HOST_ASSERT(run->nr_gmems < RUN_GMEMS_MAX);
	run->gmem[run->nr_gmems++] = descriptor;
	run_unlock(&run->lock);
	return 0;
}

int run_gmem_fallocate(struct run_stream *stream, const struct args_gmem_fallocate *args)
{
	struct run *run = stream->run;

	return world_gmem_fallocate(run->world, run_gmem_pick(run, args->gmem), (unsigned int)args->mode, args->offset,
				    args->bytes);
}

int run_gmem_close(struct run_stream *stream, const struct args_gmem_close *args)
{
	int descriptor = take_gmem(stream->run, args->gmem);

	if (descriptor == MMU_GMEM_NONE)
		return skip(stream, "no such file");
	world_gmem_close(stream->run->world, descriptor);
	return 0;
}

int run_gmem_error(struct run_stream *stream, const struct args_gmem_error *args)
{
	struct run *run = stream->run;
	int descriptor = run_gmem_pick(run, args->gmem);

	if (descriptor < 0)
		return skip(stream, "no such file");
	return world_gmem_error(run->world, descriptor, args->offset);
}
