// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_differential.c - everything, on KVM and on the reference core: both come to the same, or somebody is wrong.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_differential",
	/* What compare_leave_out() takes out of programs. */
	.never = FUZZ_OP(fail_alloc) | FUZZ_OP(fault),
	.against = "reference",
};
