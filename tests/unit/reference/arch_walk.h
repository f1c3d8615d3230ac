/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch_walk.h - page walks as the architectures describe them, to hold the core's formats against.
 *
 * Written from the manuals and without a look at mmu_core/reference; geometry is computed here again.
 * Units: addresses in bytes; @granule is log2 of the page size.
 */
#ifndef TESTS_UNIT_REFERENCE_ARCH_WALK_H
#define TESTS_UNIT_REFERENCE_ARCH_WALK_H

#include "mmu_core/host.h"

enum arch {
	ARCH_EPT,
	ARCH_LONG,
	ARCH_ARM64,
	ARCH_RISCV,
};

struct arch_tables {
	enum arch arch;
	uint64_t root; /* hpa */
	unsigned int levels;
	unsigned int granule; /* arm64 */
	unsigned int input_bits; /* arm64 */
	unsigned int maxphyaddr; /* x86 */
};

enum arch_result {
	ARCH_ABSENT,
	ARCH_RESERVED, /* bits that must not be so */
	ARCH_MAPPED,
};

struct arch_leaf {
	uint64_t address; /* of the byte asked for */
	uint64_t bytes; /* of the leaf */
	bool read, write, exec, accessed, dirty;
};

enum arch_result arch_walk(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf);

#endif
