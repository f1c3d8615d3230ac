// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_dirty.c - no write of the guest may be missing from a log: bitmaps, rings, PML, splitting, clearing.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_dirty",
	.groups = { "DIRTY", "SLOTS", "PROGRAM" },
	.also = FUZZ_OP(cap_enable) | FUZZ_OP(host_area) | FUZZ_OP(host_unmap) | FUZZ_OP(host_protect) |
		FUZZ_OP(host_migrate) | FUZZ_OP(host_age) | FUZZ_OP(host_collapse) | FUZZ_OP(access) | FUZZ_OP(edges) |
		FUZZ_OP(fault) | FUZZ_OP(smi) | FUZZ_OP(rsm) | FUZZ_OP(nx_recover) | FUZZ_OP(eager_split) |
		FUZZ_OP(resched) | FUZZ_OP(fail_alloc),
};
