// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64_s2.c - stage 2 of the Arm architecture, for pages of 4, 16 and 64 KiB.
 *
 * Levels count the other way round there: level 1 of ours is the architecture's level 3.  The first level may be up to
 * 16 tables in a row, which saves a level.  The access flag is the software's: a leaf without it faults.  A live entry
 * may not change its address or kind in place (break before make); the frozen value is an invalid entry with the
 * marker bit that says so.  The owner's two bits are 55 and 56, of those that the architecture leaves to software.
 * Source: spec.md 9.1, 9.4; Arm ARM (DDI 0487), D8.3 "Translation table descriptor formats", D8.16 break-before-make.
 */
#include "pt/format.h"

#define S2_VALID ((uint64_t)1 << 0)
#define S2_TABLE_OR_PAGE ((uint64_t)1 << 1) /* a table above our level 1, a page at it; clear: a block */
#define S2_NORMAL ((uint64_t)0xf << 2)
#define S2_READ ((uint64_t)1 << 6)
#define S2_WRITE ((uint64_t)1 << 7)
#define S2_INNER_SHAREABLE ((uint64_t)3 << 8)
#define S2_ACCESSED ((uint64_t)1 << 10)
#define S2_LOCKED ((uint64_t)1 << 10) /* in an invalid entry */
#define S2_NO_EXEC ((uint64_t)1 << 54)
#define S2_SOFT_0 ((uint64_t)1 << 55)
#define S2_SOFT_1 ((uint64_t)1 << 56)
#define S2_ADDRESS_BITS 48

#define S2_LEVELS_MIN 2
#define S2_ROOT_ORDER_MAX 4

static uint64_t address_mask(const struct pt_format *format)
{
	return (((uint64_t)1 << S2_ADDRESS_BITS) - 1) & ~(((uint64_t)1 << format->page_shift) - 1);
}

/* There is no dirty state: a page that may be written counts as dirty. */
static unsigned int read_attrs(uint64_t raw)
{
	return (raw & S2_READ ? PT_READ : 0) | (raw & S2_WRITE ? PT_WRITE | PT_DIRTY : 0) |
	       (raw & S2_NO_EXEC ? 0 : PT_EXEC) | (raw & S2_ACCESSED ? PT_ACCESSED : 0) |
	       (raw & S2_SOFT_0 ? PT_SOFT_0 : 0) | (raw & S2_SOFT_1 ? PT_SOFT_1 : 0);
}

static struct pt_entry decode(const struct pt_format *format, uint64_t raw, unsigned int level)
{
	bool table_or_page = raw & S2_TABLE_OR_PAGE;
	struct pt_entry entry = { .kind = PT_ILLEGAL };

	if (raw == format->empty) {
		entry.kind = PT_EMPTY;
	} else if (raw == format->frozen) {
		entry.kind = PT_FROZEN;
	} else if ((raw & S2_VALID) && (level > 1 || table_or_page)) {
		entry.kind = level > 1 && table_or_page ? PT_TABLE : PT_LEAF;
		entry.opn = (raw & address_mask(format)) >> format->page_shift;
		if (entry.kind == PT_LEAF)
			entry.attrs = read_attrs(raw);
	}
	return entry;
}

static uint64_t make_leaf(const struct pt_format *format, unsigned int level, uint64_t opn, unsigned int attrs)
{
	return S2_VALID | S2_NORMAL | S2_INNER_SHAREABLE | opn << format->page_shift |
	       (level == 1 ? S2_TABLE_OR_PAGE : 0) | (attrs & PT_READ ? S2_READ : 0) |
	       (attrs & PT_WRITE ? S2_WRITE : 0) | (attrs & PT_EXEC ? 0 : S2_NO_EXEC) |
	       (attrs & PT_ACCESSED ? S2_ACCESSED : 0) | (attrs & PT_SOFT_0 ? S2_SOFT_0 : 0) |
	       (attrs & PT_SOFT_1 ? S2_SOFT_1 : 0);
}

static uint64_t make_table(const struct pt_format *format, uint64_t opn)
{
	return S2_VALID | S2_TABLE_OR_PAGE | opn << format->page_shift;
}

bool pt_format_arm64_s2(struct pt_format *format, unsigned int page_shift, unsigned int ipa_bits)
{
	const unsigned int index_bits = page_shift - 3;
	unsigned int levels = (ipa_bits - 4 - 4) / index_bits;
	unsigned int covered, root_order;

	if ((page_shift != 12 && page_shift != 14 && page_shift != 16) || ipa_bits < 32 || ipa_bits > S2_ADDRESS_BITS)
		return false;
	if (levels < S2_LEVELS_MIN)
		levels = S2_LEVELS_MIN;
	covered = page_shift + index_bits * levels;
	root_order = ipa_bits > covered ? ipa_bits - covered : 0;
	if (root_order > S2_ROOT_ORDER_MAX)
		return false;
	*format = (struct pt_format){
		.name = page_shift == 12   ? "arm64 stage 2, 4K"
			: page_shift == 14 ? "arm64 stage 2, 16K"
					   : "arm64 stage 2, 64K",
		.page_shift = page_shift,
		.index_bits = index_bits,
		.levels = levels,
		.leaf_level_max = page_shift == 12 ? 3 : 2,
		.root_order = root_order,
		.input_bits = ipa_bits,
		.output_bits = S2_ADDRESS_BITS,
		.break_before_make = true,
		.empty = 0,
		.frozen = S2_LOCKED,
		.decode = decode,
		.leaf = make_leaf,
		.table = make_table,
	};
	if (format->leaf_level_max > levels)
		format->leaf_level_max = levels;
	return true;
}
