// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_interleaving.c - a few operations that race, and the order in which they do: bytes of both are inputs.
 */
#include "fuzzers/common/target.h"

/* libFuzzer takes what is in this section for coverage, and clears it before each input. */
static uint8_t interleavings[FUZZ_INTERLEAVINGS] __attribute__((section("__libfuzzer_extra_counters")));

const struct fuzz_target fuzz_target = {
	.name = "fuzz_interleaving",
	.groups = { "GUEST", "HOST_MEMORY", "SLOTS", "DIRTY" },
	.also = FUZZ_OP(vcpu_create),
	/*
	 * Schedules keep invalidations open as long as they like, without a stream that waits for its own.  What is
	 * expected of a VM that an SMI may have killed is known only when the vCPU has come back.
	 */
	.never = FUZZ_OP(window_open) | FUZZ_OP(window_close) | FUZZ_OP(smi) | FUZZ_OP(rsm),
	.ops_max = 16,
	.interleavings = interleavings,
};
