// SPDX-License-Identifier: GPL-2.0-only
/* ops_policy.c - capabilities, mitigations, limits, background work and faults on demand. */
#include <errno.h>

#include "harness/run/run_parts.h"

int run_vcpu_create(struct run_stream *stream, const struct args_vcpu_create *args)
{
	struct world *world = stream->run->world;
	int error;

	if (__atomic_load_n(&world->vcpus, __ATOMIC_RELAXED) >= RUN_VCPUS_MAX)
		return skip(stream, "enough vCPUs");
	error = world_vcpu_add(world, args->id);
	return error == -E2BIG ? skip(stream, "enough vCPUs") : error;
}

int run_cap_enable(struct run_stream *stream, const struct args_cap_enable *args)
{
	return world_cap_enable(stream->run->world, (enum mmu_cap)args->cap, args->argument);
}

int run_nx_set(struct run_stream *stream, const struct args_nx_set *args)
{
	__atomic_store_n(&stream->run->nx_changed, true, __ATOMIC_RELAXED);
	return world_nx_set(stream->run->world, (enum mmu_nx_mode)args->mode);
}

int run_nx_recover(struct run_stream *stream, const struct args_nx_recover *args)
{
	(void)args;
	return world_nx_recover(stream->run->world);
}

int run_eager_split(struct run_stream *stream, const struct args_eager_split *args)
{
	__atomic_store_n(&stream->run->eager_split_changed, true, __ATOMIC_RELAXED);
	return world_eager_split(stream->run->world, args->state);
}

int run_pages_limit(struct run_stream *stream, const struct args_pages_limit *args)
{
	return world_pages_limit(stream->run->world, args->pages);
}

int run_shrink(struct run_stream *stream, const struct args_shrink *args)
{
	return world_shrink(stream->run->world, args->count < RUN_SHRINK_MAX ? args->count : RUN_SHRINK_MAX);
}

int run_fail_alloc(struct run_stream *stream, const struct args_fail_alloc *args)
{
	__atomic_store_n(&stream->run->world->failing, true, __ATOMIC_RELAXED);
	host_inject_alloc_failure((unsigned int)args->skip);
	return 0;
}

int run_resched(struct run_stream *stream, const struct args_resched *args)
{
	(void)stream, (void)args;
	host_inject_resched();
	return 0;
}
