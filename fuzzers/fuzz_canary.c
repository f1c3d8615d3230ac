// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_canary.c - a fuzzer that finds nothing is no fuzzer: run against a tree with a planted bug (ci/canary), it has
 * to find it within a bounded number of runs.  Slots, memory and the guest are enough for the bugs planted there.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_canary",
	.groups = { "SLOTS", "PRIVATE", "HOST_MEMORY" },
	.also = FUZZ_OP(access) | FUZZ_OP(edges) | FUZZ_OP(fault),
};
