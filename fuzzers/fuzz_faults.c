// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_faults.c - accesses of every kind and size of mapping while the host changes the memory behind them.
 */
#include "fuzzers/common/target.h"

const struct fuzz_target fuzz_target = {
	.name = "fuzz_faults",
	.groups = { "GUEST", "HOST_MEMORY", "POLICY", "PROGRAM" },
	.also = FUZZ_OP(vcpu_create) | FUZZ_OP(slot_set) | FUZZ_OP(slot_delete) | FUZZ_OP(slot_flags),
};
