// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_program.c - everything at once.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_program",
};
