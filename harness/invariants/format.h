/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * format.h - what hardware makes of one entry word, read from the manuals' tables and not from the core's own decoder.
 *
 * Units:   hpa in bytes inside the word, levels as in types.h.
 * Source:  spec.md 9.2 (EPT: SDM vol. 3 section 29.3) and 9.3 (NPT: APM vol. 2 sections 5.3 and 15.25).
 */
#ifndef HARNESS_INVARIANTS_FORMAT_H
#define HARNESS_INVARIANTS_FORMAT_H

#include "mmu_core/core.h"

#define FORMAT_BIT(n) ((uint64_t)1 << (n))
/* Bits n..m of a word, both included. */
#define FORMAT_BITS(n, m) ((~(uint64_t)0 << (n)) & (~(uint64_t)0 >> (63 - (m))))

/* KVM's software bit of a present entry, the same for both formats and all kernels (arch/x86/kvm/mmu/spte.h). */
#define FORMAT_MMU_PRESENT FORMAT_BIT(11)

#define FORMAT_LARGE FORMAT_BIT(7)

struct format {
	enum mmu_paging paging;
	uint8_t maxphyaddr;
	bool accessed_dirty;
};

/* Can hardware use it at all?  An access-tracked EPT entry is present to the MMU only. */
static inline bool format_hardware_present(const struct format *format, uint64_t raw)
{
	return format->paging == MMU_PAGING_EPT ? (raw & 7) != 0 : (raw & 1) != 0;
}

static inline uint64_t format_address(uint64_t raw)
{
	return raw & FORMAT_BITS(12, 51);
}

/* NULL: nothing reserved is set in this present entry; else what is, in words. */
const char *format_reserved(const struct format *format, uint64_t raw, int level, bool leaf);

#endif
