// SPDX-License-Identifier: GPL-2.0-only
/*
 * format.c - reserved bits of present EPT and NPT entries.
 *
 * Not verified: the low address bits of a huge leaf, reserved too, are I-G1's; protection keys, the global bit of NPT
 * leafs and the bits left to software, which hardware ignores; everything about entries that are not present.
 */
#include "harness/invariants/format.h"

static bool ept_memory_type_reserved(uint64_t raw)
{
	unsigned int type = (raw >> 3) & 7;

	return type == 2 || type == 3 || type == 7;
}

static const char *ept_reserved(uint64_t raw, int level, bool leaf)
{
	bool read = raw & FORMAT_BIT(0);
	bool write = raw & FORMAT_BIT(1);
	bool exec = raw & FORMAT_BIT(2);

	if (write && !read)
		return "writable without readable";
	/* The simulated CPU does not offer execute-only translations. */
	if (exec && !read)
		return "executable without readable";
	if (!leaf && (raw & FORMAT_BITS(3, 7)))
		return "memory type or large bit in a table entry";
	if (leaf && ept_memory_type_reserved(raw))
		return "memory type 2, 3 or 7";
	if (leaf && level > MMU_LEVEL_4K && !(raw & FORMAT_LARGE))
		return "leaf above level 1 without the large bit";
	return NULL;
}

static const char *npt_reserved(uint64_t raw, int level, bool leaf)
{
	if (!(raw & FORMAT_BIT(2)))
		return "supervisor-only: every nested walk is a user access";
	if (level >= 4 && (raw & FORMAT_LARGE))
		return "large bit at level 4 or 5";
	if (!leaf && level >= 3 && (raw & FORMAT_BIT(8)))
		return "global bit in a table entry";
	if (!leaf && (raw & FORMAT_LARGE))
		return "large bit in a table entry";
	if (leaf && level > MMU_LEVEL_4K && !(raw & FORMAT_LARGE))
		return "leaf above level 1 without the large bit";
	return NULL;
}

const char *format_reserved(const struct format *format, uint64_t raw, int level, bool leaf)
{
	if (!format_hardware_present(format, raw))
		return NULL;
	if (leaf && level > MMU_LEVEL_1G)
		return "leaf above level 3";
	if (format->maxphyaddr < 52 && (raw & FORMAT_BITS(format->maxphyaddr, 51)))
		return "address bits at or above MAXPHYADDR";
	return format->paging == MMU_PAGING_EPT ? ept_reserved(raw, level, leaf) : npt_reserved(raw, level, leaf);
}
