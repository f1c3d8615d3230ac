// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_program.c - everything at once; streams in the order of the schedule, of those inputs that have one.
 */
#include "fuzzers/common/target.h"

static uint8_t interleavings[FUZZ_INTERLEAVINGS] FUZZ_COUNTERS;

const struct fuzz_target fuzz_target = {
	.name = "fuzz_program",
	.interleavings = interleavings,
};
