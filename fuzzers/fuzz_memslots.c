// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_memslots.c - layouts: slots of every shape and flag in both address spaces, with the guest at their edges.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_memslots",
	.groups = { "SLOTS", "PROGRAM" },
	.also = FUZZ_OP(host_area) | FUZZ_OP(host_unmap) | FUZZ_OP(host_collapse) | FUZZ_OP(access) | FUZZ_OP(edges) |
		FUZZ_OP(fault) | FUZZ_OP(prefault) | FUZZ_OP(smi) | FUZZ_OP(rsm) | FUZZ_OP(gmem_create) |
		FUZZ_OP(gmem_close) | FUZZ_OP(dirty_get) | FUZZ_OP(fail_alloc),
};
