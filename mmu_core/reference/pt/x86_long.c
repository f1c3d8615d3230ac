// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86_long.c - long-mode tables: nested paging of AMD, and what any x86 CPU walks for itself.
 *
 * Every entry is a user's: nested walks are user accesses.  Reading cannot be forbidden where the entry is present.
 * The software's bits: 9 and 10 the owner's, 11 present.  A note sets reserved address bit 51, which a CPU with fewer
 * address bits faults on; with 52 there is none, and the format has no notes.
 * Source: spec.md 9.3; APM vol. 2, 5.3 and 15.25.
 */
#include "pt/format.h"

#define LONG_PRESENT ((uint64_t)1 << 0)
#define LONG_WRITE ((uint64_t)1 << 1)
#define LONG_USER ((uint64_t)1 << 2)
#define LONG_ACCESSED ((uint64_t)1 << 5)
#define LONG_DIRTY ((uint64_t)1 << 6)
#define LONG_LARGE ((uint64_t)1 << 7)
#define LONG_SOFT_0 ((uint64_t)1 << 9)
#define LONG_SOFT_1 ((uint64_t)1 << 10)
#define LONG_IN_USE ((uint64_t)1 << 11)
#define LONG_ADDRESS 0x000ffffffffff000ULL
#define LONG_RESERVED ((uint64_t)1 << 51)
#define LONG_NO_EXEC ((uint64_t)1 << 63)

#define LONG_NOTE (LONG_RESERVED | LONG_PRESENT)
#define LONG_NOTE_IS (LONG_RESERVED | LONG_PRESENT | LONG_IN_USE | LONG_NO_EXEC)

/* A note of 58 bits: 39 in the address field below bit 51, 8 in bits 3 to 10, 11 from bit 52 on. */
#define NOTE_LOW_BITS 8
#define NOTE_LOW_MASK 0xffULL
#define NOTE_ADDRESS_BITS 39
#define NOTE_ADDRESS_MASK (((uint64_t)1 << NOTE_ADDRESS_BITS) - 1)
#define NOTE_HIGH_MASK 0x7ffULL

/* As in the other format the low 40 bits are a page number; of these, bit 39 would be a reserved one. */
#define NOTE_PAGE_BITS 40

static uint64_t make_note(const struct pt_format *format, uint64_t note)
{
	uint64_t rest = note >> NOTE_PAGE_BITS;

	(void)format;
	return LONG_NOTE | (note & NOTE_ADDRESS_MASK) << 12 | (rest & NOTE_LOW_MASK) << 3 |
	       (rest >> NOTE_LOW_BITS & NOTE_HIGH_MASK) << 52;
}

static uint64_t read_note(uint64_t raw)
{
	uint64_t rest = (raw >> 3 & NOTE_LOW_MASK) | (raw >> 52 & NOTE_HIGH_MASK) << NOTE_LOW_BITS;

	return (raw >> 12 & NOTE_ADDRESS_MASK) | rest << NOTE_PAGE_BITS;
}

static unsigned int read_attrs(uint64_t raw)
{
	return PT_READ | (raw & LONG_WRITE ? PT_WRITE : 0) | (raw & LONG_NO_EXEC ? 0 : PT_EXEC) |
	       (raw & LONG_ACCESSED ? PT_ACCESSED : 0) | (raw & LONG_DIRTY ? PT_DIRTY : 0) |
	       (raw & LONG_SOFT_0 ? PT_SOFT_0 : 0) | (raw & LONG_SOFT_1 ? PT_SOFT_1 : 0);
}

static struct pt_entry decode(const struct pt_format *format, uint64_t raw, unsigned int level)
{
	bool large = level > 1 && (raw & LONG_LARGE);
	struct pt_entry entry = { .kind = PT_ILLEGAL };

	if (raw == format->empty) {
		entry.kind = PT_EMPTY;
	} else if (raw == format->frozen) {
		entry.kind = PT_FROZEN;
	} else if (format->note && (raw & LONG_NOTE_IS) == LONG_NOTE && level == 1) {
		entry.kind = PT_NOTE;
		entry.note = read_note(raw);
	} else if ((raw & LONG_IN_USE) && (raw & LONG_PRESENT)) {
		entry.kind = level == 1 || large ? PT_LEAF : PT_TABLE;
		entry.opn = (raw & LONG_ADDRESS) >> 12;
		if (entry.kind == PT_LEAF)
			entry.attrs = read_attrs(raw);
	}
	return entry;
}

static uint64_t make_leaf(const struct pt_format *format, unsigned int level, uint64_t opn, unsigned int attrs)
{
	(void)format;
	return LONG_PRESENT | LONG_USER | LONG_IN_USE | opn << 12 | (level > 1 ? LONG_LARGE : 0) |
	       (attrs & PT_WRITE ? LONG_WRITE : 0) | (attrs & PT_EXEC ? 0 : LONG_NO_EXEC) |
	       (attrs & PT_ACCESSED ? LONG_ACCESSED : 0) | (attrs & PT_DIRTY ? LONG_DIRTY : 0) |
	       (attrs & PT_SOFT_0 ? LONG_SOFT_0 : 0) | (attrs & PT_SOFT_1 ? LONG_SOFT_1 : 0);
}

static uint64_t make_table(const struct pt_format *format, uint64_t opn)
{
	(void)format;
	return LONG_PRESENT | LONG_WRITE | LONG_USER | LONG_IN_USE | opn << 12;
}

void pt_format_x86_long(struct pt_format *format, const struct pt_x86_config *config)
{
	*format = (struct pt_format){
		.name = "x86 long mode",
		.page_shift = 12,
		.index_bits = 9,
		.levels = config->levels,
		.leaf_level_max = config->leaf_level_max,
		.input_bits = 12 + 9 * config->levels,
		.output_bits = config->maxphyaddr,
		.hardware_accessed = true,
		.hardware_dirty = true,
		.empty = 0,
		.frozen = 0x5a0,
		.decode = decode,
		.leaf = make_leaf,
		.table = make_table,
		.note = config->maxphyaddr < 52 ? make_note : NULL,
	};
}
