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

static struct mmu_slot_request request_of(uint64_t as_id, uint64_t id, uint64_t flags, gpa_t gpa, uint64_t bytes,
					  hva_t hva)
{
	return (struct mmu_slot_request){
		.as_id = (uint16_t)as_id,
		.id = (uint16_t)id,
		.flags = (uint32_t)flags,
		.gpa = gpa,
		.bytes = bytes,
		.hva = hva,
		.gmem = MMU_GMEM_NONE,
	};
}

int run_slot_set(struct run_stream *stream, const struct args_slot_set *args)
{
	struct mmu_slot_request request =
		request_of(args->as, args->id, args->flags, args->gpa, args->bytes, args->hva);

	request.gmem = run_gmem_pick(stream->run, args->gmem);
	request.gmem_offset = args->offset;
	return set(stream, &request, world_slot_set);
}

int run_slot_set_v1(struct run_stream *stream, const struct args_slot_set_v1 *args)
{
	const struct mmu_slot_request request =
		request_of(args->as, args->id, args->flags, args->gpa, args->bytes, args->hva);

	return set(stream, &request, world_slot_set_v1);
}

int run_slot_delete(struct run_stream *stream, const struct args_slot_delete *args)
{
	const struct mmu_slot_request request = request_of(args->as, args->id, 0, 0, 0, 0);

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
