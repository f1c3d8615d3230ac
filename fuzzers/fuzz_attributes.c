// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_attributes.c - private and shared memory: attributes, guest_memfd, and huge pages that mix them.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_attributes",
	.groups = { "PRIVATE", "SLOTS", "PROGRAM" },
	.also = FUZZ_OP(host_area) | FUZZ_OP(host_unmap) | FUZZ_OP(host_collapse) | FUZZ_OP(access) | FUZZ_OP(edges) |
		FUZZ_OP(fault) | FUZZ_OP(prefault) | FUZZ_OP(dirty_check) | FUZZ_OP(fail_alloc),
	.pins = { { PROGRAM_VM_type, 1 } }, /* protected: the only one that has private memory */
	.nr_pins = 1,
};
