// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk_npt.c - how a CPU with nested paging reads one entry.
 *
 * The formats are those of long mode; all nested walks are user accesses, so U has to be set in every entry.
 * Protection keys do not apply to nested tables.  EFER.NXE of the host is taken as set.
 * Source: APM vol. 2 sections 5.3 (formats, MBZ bits), 15.25 (nested paging); spec.md 9.3.
 */
#include "harness/world/cpu_parts.h"

#define NPT_PRESENT ((uint64_t)1 << 0)
#define NPT_WRITE ((uint64_t)1 << 1)
#define NPT_USER ((uint64_t)1 << 2)
#define NPT_ACCESSED ((uint64_t)1 << 5)
#define NPT_DIRTY ((uint64_t)1 << 6)
#define NPT_LARGE ((uint64_t)1 << 7)
#define NPT_MBZ_ABOVE_1G ((uint64_t)3 << 7) /* PS and G in PML4 and PML5 entries */
#define NPT_LARGE_ADDRESS_LOW 13 /* bit 12 of a large leaf is PAT */
#define NPT_NO_EXEC ((uint64_t)1 << 63)

static uint64_t bits(int high, int low)
{
	return high < low ? 0 : (~(uint64_t)0 >> (63 - high)) & (~(uint64_t)0 << low);
}

static struct walk_entry npt_decode(const struct cpu_config *config, uint64_t raw, int level)
{
	bool may_be_large = level == MMU_LEVEL_2M || level == MMU_LEVEL_1G;
	bool leaf = level == MMU_LEVEL_4K || (may_be_large && (raw & NPT_LARGE));
	uint64_t reserved = bits(51, config->maxphyaddr);
	uint64_t address = bits(51, MMU_PAGE_SHIFT + (leaf ? 9 * (level - 1) : 0));

	if (!(raw & NPT_PRESENT))
		return (struct walk_entry){ .kind = WALK_ABSENT };

	if (level > MMU_LEVEL_1G)
		reserved |= NPT_MBZ_ABOVE_1G;
	if (leaf && level == MMU_LEVEL_1G && config->level_max < MMU_LEVEL_1G)
		reserved |= NPT_LARGE;
	if (leaf && level > MMU_LEVEL_4K)
		reserved |= bits(MMU_PAGE_SHIFT + 9 * (level - 1) - 1, NPT_LARGE_ADDRESS_LOW);
	if (raw & reserved)
		return (struct walk_entry){ .kind = WALK_ILLEGAL };

	return (struct walk_entry){
		.kind = leaf ? WALK_LEAF : WALK_TABLE,
		.allowed = !(raw & NPT_USER)
				   ? 0
				   : MMU_READ | (raw & NPT_WRITE ? MMU_WRITE : 0) | (raw & NPT_NO_EXEC ? 0 : MMU_EXEC),
		.pfn = (raw & address) >> MMU_PAGE_SHIFT,
	};
}

const struct walk_format walk_npt = {
	.decode = npt_decode,
	.accessed = NPT_ACCESSED,
	.dirty = NPT_DIRTY,
};
