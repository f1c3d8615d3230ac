// SPDX-License-Identifier: GPL-2.0-only
/*
 * riscv_gstage.c - the G-stage of RISC-V's hypervisor extension: Sv39x4, Sv48x4 and Sv57x4.
 *
 * The root is four tables in a row, which makes the input two bits wider.  An entry is a leaf if it permits anything.
 * All accesses are a user's, so U is set in every leaf.  Whether the CPU sets A and D or faults on them is up to the
 * CPU; software that has to run on both presets them, and so they are the software's here.  Two bits are left to
 * software, 8 and 9; the frozen value is an invalid entry with the second.
 * Source: spec.md 9.1, 9.5; RISC-V privileged architecture, "Two-stage address translation".
 */
#include "pt/format.h"

#define GS_VALID ((uint64_t)1 << 0)
#define GS_READ ((uint64_t)1 << 1)
#define GS_WRITE ((uint64_t)1 << 2)
#define GS_EXEC ((uint64_t)1 << 3)
#define GS_USER ((uint64_t)1 << 4)
#define GS_ACCESSED ((uint64_t)1 << 6)
#define GS_DIRTY ((uint64_t)1 << 7)
#define GS_SOFT_0 ((uint64_t)1 << 8)
#define GS_SOFT_1 ((uint64_t)1 << 9)
#define GS_PAGE_SHIFT 10
#define GS_PAGE_BITS 44

static unsigned int read_attrs(uint64_t raw)
{
	return (raw & GS_READ ? PT_READ : 0) | (raw & GS_WRITE ? PT_WRITE : 0) | (raw & GS_EXEC ? PT_EXEC : 0) |
	       (raw & GS_ACCESSED ? PT_ACCESSED : 0) | (raw & GS_DIRTY ? PT_DIRTY : 0) |
	       (raw & GS_SOFT_0 ? PT_SOFT_0 : 0) | (raw & GS_SOFT_1 ? PT_SOFT_1 : 0);
}

static struct pt_entry decode(const struct pt_format *format, uint64_t raw, unsigned int level)
{
	bool leaf = raw & (GS_READ | GS_WRITE | GS_EXEC);
	struct pt_entry entry = { .kind = PT_ILLEGAL };

	if (raw == format->empty) {
		entry.kind = PT_EMPTY;
	} else if (raw == format->frozen) {
		entry.kind = PT_FROZEN;
	} else if ((raw & GS_VALID) && (leaf || level > 1)) {
		entry.kind = leaf ? PT_LEAF : PT_TABLE;
		entry.opn = raw >> GS_PAGE_SHIFT & (((uint64_t)1 << GS_PAGE_BITS) - 1);
		if (leaf)
			entry.attrs = read_attrs(raw);
	}
	return entry;
}

static uint64_t make_leaf(const struct pt_format *format, unsigned int level, uint64_t opn, unsigned int attrs)
{
	(void)format, (void)level;
	return GS_VALID | GS_USER | opn << GS_PAGE_SHIFT | (attrs & PT_READ ? GS_READ : 0) |
	       (attrs & PT_WRITE ? GS_WRITE : 0) | (attrs & PT_EXEC ? GS_EXEC : 0) |
	       (attrs & PT_ACCESSED ? GS_ACCESSED : 0) | (attrs & PT_DIRTY ? GS_DIRTY : 0) |
	       (attrs & PT_SOFT_0 ? GS_SOFT_0 : 0) | (attrs & PT_SOFT_1 ? GS_SOFT_1 : 0);
}

static uint64_t make_table(const struct pt_format *format, uint64_t opn)
{
	(void)format;
	return GS_VALID | opn << GS_PAGE_SHIFT;
}

void pt_format_riscv_gstage(struct pt_format *format, unsigned int levels)
{
	static const char *const names[] = { [3] = "riscv Sv39x4", [4] = "riscv Sv48x4", [5] = "riscv Sv57x4" };

	*format = (struct pt_format){
		.name = names[levels],
		.page_shift = 12,
		.index_bits = 9,
		.levels = levels,
		.leaf_level_max = levels, /* up to 256 TiB: any level may hold leafs */
		.root_order = 2,
		.input_bits = 12 + 9 * levels + 2,
		.output_bits = 56,
		.empty = 0,
		.frozen = GS_SOFT_1,
		.decode = decode,
		.leaf = make_leaf,
		.table = make_table,
	};
}
