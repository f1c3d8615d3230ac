/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * role.h - what a table is for, as a word: tables with equal words may be shared, whatever CPU they are for.
 *
 * The page role belongs to a table.  The CPU's role is the page role that its registers amount to, and a second word of
 * what matters to walks of the guest's own tables only.  Shadow paging itself is not here; its roles are, because their
 * number is what a counter has to hold (gmm/track.h).
 * Source: spec.md S3.1 to S3.6.
 */
#ifndef MMU_REFERENCE_ARCH_X86_ROLE_H
#define MMU_REFERENCE_ARCH_X86_ROLE_H

#include <stdbool.h>
#include <stdint.h>

enum x86_role_bits {
	ROLE_LEVEL = 0xf, /* of the entries in the table */
	ROLE_4_BYTE_GPTE = 1 << 4, /* the guest's entries are of 4 bytes */
	ROLE_QUADRANT_SHIFT = 5, /* which part of the guest's table; 2 bits */
	ROLE_DIRECT = 1 << 7, /* no table of the guest behind it */
	ROLE_ACCESS_SHIFT = 8, /* that the levels above allow: X, W, U */
	ROLE_ACCESS_ALL = 7 << 8,
	ROLE_INVALID = 1 << 11,
	ROLE_EFER_NX = 1 << 12,
	ROLE_CR0_WP = 1 << 13,
	ROLE_SMEP_ANDNOT_WP = 1 << 14,
	ROLE_SMAP_ANDNOT_WP = 1 << 15,
	ROLE_AD_DISABLED = 1 << 16,
	ROLE_GUEST_MODE = 1 << 17,
	ROLE_PASSTHROUGH = 1 << 18, /* a level that the guest does not have */
	ROLE_MIRROR = 1 << 19, /* not what hardware uses (gmm/mirror.h) */
	ROLE_SMM_SHIFT = 24,
};

enum x86_role_ext_bits {
	ROLE_EXT_VALID = 1 << 0, /* so that no role is equal to none at all */
	ROLE_EXT_EXECONLY = 1 << 1,
	ROLE_EXT_CR4_PSE = 1 << 2,
	ROLE_EXT_CR4_PKE = 1 << 3,
	ROLE_EXT_CR4_SMAP = 1 << 4,
	ROLE_EXT_CR4_SMEP = 1 << 5,
	ROLE_EXT_CR4_LA57 = 1 << 6,
	ROLE_EXT_EFER_LMA = 1 << 7,
};

struct x86_cpu_role {
	uint32_t base, ext;
};

/* Bits of registers that matter here, where the architecture has them. */
#define X86_CR0_WP (1ull << 16)
#define X86_CR0_PG (1ull << 31)
#define X86_CR4_PSE (1ull << 4)
#define X86_CR4_PAE (1ull << 5)
#define X86_CR4_LA57 (1ull << 12)
#define X86_CR4_SMEP (1ull << 20)
#define X86_CR4_SMAP (1ull << 21)
#define X86_CR4_PKE (1ull << 22)
#define X86_EFER_LMA (1ull << 10)
#define X86_EFER_NX (1ull << 11)

struct x86_registers {
	uint64_t cr0, cr4, efer;
	bool guest_mode; /* a nested guest runs */
	bool in_smm;
};

struct x86_cpu_role x86_cpu_role(const struct x86_registers *registers);

/* Roots: two-dimensional paging; shadow paging; for a nested guest, of what it has for two-dimensional paging. */
uint32_t x86_root_role_tdp(const struct x86_registers *registers, unsigned int level, bool ad_disabled);
uint32_t x86_root_role_shadow(const struct x86_registers *registers);
uint32_t x86_root_role_nested_npt(const struct x86_registers *registers, unsigned int level);
uint32_t x86_root_role_nested_ept(unsigned int level, bool ad_disabled);

/* NULL, or which of the exclusions does not hold (spec.md S3.6). */
const char *x86_role_exclusion(uint32_t role);
/* Of a table of the guest that has tables below it: writes to it must be noticed (gmm/track.h). */
bool x86_role_is_tracked(uint32_t role);

/* What an MMU is configured for.  All zeros: for nothing yet. */
struct x86_mmu {
	struct x86_cpu_role cpu_role;
	uint32_t root_role;
	uint64_t configured; /* how often */
};

/* False: both roles are what they were, so that everything that follows from them is. */
bool x86_mmu_init(struct x86_mmu *mmu, struct x86_cpu_role cpu_role, uint32_t root_role);

#endif
