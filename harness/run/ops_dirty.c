// SPDX-License-Identifier: GPL-2.0-only
/* ops_dirty.c - dirty logging. */

#include "harness/run/run_parts.h"

int run_dirty_get(struct run_stream *stream, const struct args_dirty_get *args)
{
	return world_dirty_get(stream->run->world, (unsigned int)args->as, (unsigned int)args->id, NULL);
}

/* No log is longer than the longest that the model follows, and a core reads no more than the log is long. */
static uint64_t *pattern(uint64_t npages, uint64_t bits)
{
	uint64_t words = ((npages < MODEL_LOGGED_PAGES_MAX ? npages : MODEL_LOGGED_PAGES_MAX) + 63) / 64;
	uint64_t *bitmap = host_memory_alloc((words + 1) * sizeof(*bitmap));

	for (uint64_t i = 0; i < words; i++)
		bitmap[i] = bits;
	return bitmap;
}

int run_dirty_clear(struct run_stream *stream, const struct args_dirty_clear *args)
{
	uint64_t *bitmap = pattern(args->pages, args->bits);
	int error = world_dirty_clear(stream->run->world, (unsigned int)args->as, (unsigned int)args->id, args->first,
				      (uint32_t)args->pages, bitmap);

	host_memory_free(bitmap);
	return error;
}

int run_ring_collect(struct run_stream *stream, const struct args_ring_collect *args)
{
	(void)args;
	stream->run->ring_pushes = 0;
	return world_ring_collect(stream->run->world);
}

int run_dirty_check(struct run_stream *stream, const struct args_dirty_check *args)
{
	(void)args;
	rendezvous(stream, RENDEZVOUS_DIRTY_CHECK);
	return 0;
}
