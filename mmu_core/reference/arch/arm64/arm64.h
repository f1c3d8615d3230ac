/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64.h - a VM whose stage 2 has Arm's format: 4 KiB pages, first-level tables in a row, break before make, and an
 * access flag that software keeps.
 *
 * One tree for all vCPUs (one_tree.h).  The CPU itself is not here: faults come from who calls gmm_fault().
 * Source: spec.md S4.2, S4.8; Arm ARM (DDI 0487), D8.2 "Translation process".
 */
#ifndef MMU_REFERENCE_ARCH_ARM64_ARM64_H
#define MMU_REFERENCE_ARCH_ARM64_ARM64_H

#include "gmm/gmm.h"

/* Of a VM that has been made, before it has a vCPU.  @ipa_bits: 32 to 48. */
bool arm64_vm_init(struct mmu_vm *vm, unsigned int ipa_bits);

#endif
