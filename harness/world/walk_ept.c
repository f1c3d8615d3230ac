// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk_ept.c - how a CPU with EPT reads one entry.
 *
 * Execute-only translations and mode-based execution are not offered, so X without R is a misconfiguration and bit 10
 * means nothing.
 * Source: SDM vol. 3 sections 29.3.2 (formats), 29.3.3.1 (misconfigurations); spec.md 9.2.
 */
#include "harness/world/cpu_parts.h"

#define EPT_READ ((uint64_t)1 << 0)
#define EPT_WRITE ((uint64_t)1 << 1)
#define EPT_EXEC ((uint64_t)1 << 2)
#define EPT_PERMISSIONS (EPT_READ | EPT_WRITE | EPT_EXEC)
#define EPT_MEMORY_TYPE_SHIFT 3
#define EPT_LARGE ((uint64_t)1 << 7)
#define EPT_ACCESSED ((uint64_t)1 << 8)
#define EPT_DIRTY ((uint64_t)1 << 9)

static uint64_t bits(int high, int low)
{
	return high < low ? 0 : (~(uint64_t)0 >> (63 - high)) & (~(uint64_t)0 << low);
}

static bool is_memory_type(uint64_t raw)
{
	unsigned int type = (raw >> EPT_MEMORY_TYPE_SHIFT) & 7;

	return type == 0 || type == 1 || type == 4 || type == 5 || type == 6; /* UC WC WT WP WB */
}

static struct walk_entry ept_decode(const struct cpu_config *config, uint64_t raw, int level)
{
	bool may_be_large = level == MMU_LEVEL_2M || (level == MMU_LEVEL_1G && config->level_max >= MMU_LEVEL_1G);
	bool leaf = level == MMU_LEVEL_4K || (may_be_large && (raw & EPT_LARGE));
	uint64_t reserved = bits(51, config->maxphyaddr);

	if (!(raw & EPT_PERMISSIONS))
		return (struct walk_entry){ .kind = WALK_ABSENT };

	if (leaf)
		reserved |= bits(MMU_PAGE_SHIFT + 9 * (level - 1) - 1, MMU_PAGE_SHIFT);
	else
		reserved |= bits(7, 3);
	if (!(raw & EPT_READ) || (raw & reserved) || (leaf && !is_memory_type(raw)))
		return (struct walk_entry){ .kind = WALK_ILLEGAL };

	return (struct walk_entry){
		.kind = leaf ? WALK_LEAF : WALK_TABLE,
		.allowed = (raw & EPT_READ ? MMU_READ : 0) | (raw & EPT_WRITE ? MMU_WRITE : 0) |
			   (raw & EPT_EXEC ? MMU_EXEC : 0),
		.pfn = (raw & bits(51, MMU_PAGE_SHIFT)) >> MMU_PAGE_SHIFT,
	};
}

const struct walk_format walk_ept = {
	.decode = ept_decode,
	.accessed = EPT_ACCESSED,
	.dirty = EPT_DIRTY,
};
