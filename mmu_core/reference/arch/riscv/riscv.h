/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv.h - a VM whose G-stage has RISC-V's format: Sv39x4, Sv48x4 or Sv57x4, whose first-level table is four in a row.
 *
 * One tree for all vCPUs (one_tree.h).  The CPU itself is not here: faults come from who calls gmm_fault().  Part of a
 * large leaf that goes takes all of it, as everywhere here; Linux 6.12 leaves such a leaf where it is (M-35 of
 * plants.def).
 * Source: spec.md S4.2, S4.8; The RISC-V Instruction Set Manual, volume II, "Two-Stage Address Translation".
 */
#ifndef MMU_REFERENCE_ARCH_RISCV_RISCV_H
#define MMU_REFERENCE_ARCH_RISCV_RISCV_H

#include "gmm/gmm.h"

/* Of a VM that has been made, before it has a vCPU.  @levels: 3 to 5. */
bool riscv_vm_init(struct mmu_vm *vm, unsigned int levels);

#endif
