// SPDX-License-Identifier: GPL-2.0-only
/* ops_slots.c - memory slots. */
#include <errno.h>

#include "harness/run/run_parts.h"

static int set(struct run_stream *stream, const struct mmu_slot_request *request,
	       int (*call)(struct world *world, const struct mmu_slot_request *request))
{
	uint64_t npages = request->bytes >> MMU_PAGE_SHIFT;
	int error;

	if (run_would_wait(stream))
		return skip(stream, "an invalidation is open");
	error = call(stream->run->world, request);
	return error == -E2BIG && npages ? skip(stream, "more than the harness follows") : error;
}

int run_slot_set(struct run_stream *stream, const struct args_slot_set *args)
{
	struct run *run = stream->run;
	const struct mmu_slot_request request = {
		.as_id = (uint16_t)args->as,
		.id = (uint16_t)args->id,
		.flags = (uint32_t)args->flags,
		.gpa = args->gpa,
		.bytes = args->bytes,
		.hva = args->hva,
		.gmem = run_gmem_pick(run, args->gmem),
		.gmem_offset = args->offset,
	};

	return set(stream, &request, world_slot_set);
}

int run_slot_set_v1(struct run_stream *stream, const struct args_slot_set_v1 *args)
{
	const struct mmu_slot_request request = {
		.as_id = (uint16_t)args->as,
		.id = (uint16_t)args->id,
		.flags = (uint32_t)args->flags,
		.gpa = args->gpa,
		.bytes = args->bytes,
		.hva = args->hva,
		.gmem = MMU_GMEM_NONE,
	};

	return set(stream, &request, world_slot_set_v1);
}

int run_slot_delete(struct run_stream *stream, const struct args_slot_delete *args)
{
	const struct mmu_slot_request request = {
		.as_id = (uint16_t)args->as,
		.id = (uint16_t)args->id,
		.gmem = MMU_GMEM_NONE,
	};

	return set(stream, &request, world_slot_set);
}

int run_slot_move(struct run_stream *stream, const struct args_slot_move *args)
{
	struct mmu_slot_request request;

	if (!world_slot_describe(stream->run->world, (unsigned int)args->as, (unsigned int)args->id, &request))
		return skip(stream, "no such slot");
	request.gpa = args->gpa;
	return set(stream, &request, world_slot_set);
}

int run_slot_flags(struct run_stream *stream, const struct args_slot_flags *args)
{
	struct mmu_slot_request request;

	if (!world_slot_describe(stream->run->world, (unsigned int)args->as, (unsigned int)args->id, &request))
		return skip(stream, "no such slot");
	request.flags = (uint32_t)args->flags;
	return set(stream, &request, world_slot_set);
}
