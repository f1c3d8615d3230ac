// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_ioctl.c - the boundary to userspace: arguments that no VMM would pass, and a little memory for them to spoil.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_ioctl",
	.groups = { "HOSTILE", "VM", "SLOTS", "PRIVATE", "DIRTY" },
	.also = FUZZ_OP(host_area) | FUZZ_OP(access) | FUZZ_OP(prefault) | FUZZ_OP(smi) | FUZZ_OP(rsm) |
		FUZZ_OP(pages_limit) | FUZZ_OP(fail_alloc) | FUZZ_OP(audit),
};
