// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_interleaving.c - a few operations that race, and the order in which they do: bytes of both are inputs.
 */
#include "fuzzers/common/target.h"

static uint8_t interleavings[FUZZ_INTERLEAVINGS] FUZZ_COUNTERS;

const struct fuzz_target fuzz_target = {
	.name = "fuzz_interleaving",
	.groups = { "GUEST", "HOST_MEMORY", "SLOTS", "DIRTY" },
	.also = FUZZ_OP(vcpu_create),
	.ops_max = 16,
	.interleavings = interleavings,
	.orders = FUZZ_ALL_ORDERED,
};
