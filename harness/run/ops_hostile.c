// SPDX-License-Identifier: GPL-2.0-only
/* ops_hostile.c - ioctls with arguments made of raw words. */
#include <errno.h>

#include "harness/run/run_parts.h"

static bool changes_slots(enum mmu_uapi call)
{
	return call == MMU_UAPI_SET_USER_MEMORY_REGION || call == MMU_UAPI_SET_USER_MEMORY_REGION2;
}

int run_uapi(struct run_stream *stream, const struct args_uapi *args)
{
	const uint64_t words[MMU_UAPI_WORDS] = { args->word0, args->word1, args->word2, args->word3 };
	enum mmu_uapi call = (enum mmu_uapi)args->call;
	struct run *run = stream->run;
	struct world_vcpu *vcpu;
	int error;

	if (run_would_wait(stream) && (changes_slots(call) || call == MMU_UAPI_PRE_FAULT_MEMORY))
		return skip(stream, "an invalidation is open");
	vcpu = run_vcpu_get(run, 0);
	error = world_uapi(vcpu, call, !args->pointer, words);
	run_vcpu_put(run, vcpu);
	return error == -E2BIG ? skip(stream, "more than the harness follows") : error;
}
