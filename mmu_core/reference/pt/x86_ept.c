// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86_ept.c - Extended Page Tables.
 *
 * The software's bits lie where the CPU ignores them: 11 present, 52 A/D bits are off, 54 and 56 the R and X of an
 * access-tracked leaf, 57 and 58 the owner's.  Bit 63 keeps an entry that maps nothing from raising a #VE.
 *
 * Without A and D bits a leaf that has not been accessed loses R, W and X to the saved bits (W is not saved), so that
 * the next access faults; and the right to write stands for the dirty bit.
 *
 * A note is a misconfiguration: W without R (110b), with the note in bits 3 to 10, 12 to 51 and 52 to 62.
 * Source: spec.md 9.2; SDM vol. 3, 29.3.2 and 29.3.3.1.
 */
#include "pt/format.h"

#define EPT_READ ((uint64_t)1 << 0)
#define EPT_WRITE ((uint64_t)1 << 1)
#define EPT_EXEC ((uint64_t)1 << 2)
#define EPT_PERMISSIONS (EPT_READ | EPT_WRITE | EPT_EXEC)
#define EPT_WRITE_BACK ((uint64_t)6 << 3)
#define EPT_IGNORE_PAT ((uint64_t)1 << 6)
#define EPT_LARGE ((uint64_t)1 << 7)
#define EPT_ACCESSED ((uint64_t)1 << 8)
#define EPT_DIRTY ((uint64_t)1 << 9)
#define EPT_PRESENT ((uint64_t)1 << 11)
#define EPT_ADDRESS 0x000ffffffffff000ULL
#define EPT_AD_OFF ((uint64_t)1 << 52)
#define EPT_SAVED_SHIFT 54
#define EPT_SAVED ((EPT_READ | EPT_EXEC) << EPT_SAVED_SHIFT)
#define EPT_SOFT_0 ((uint64_t)1 << 57)
#define EPT_SOFT_1 ((uint64_t)1 << 58)
#define EPT_NO_VE ((uint64_t)1 << 63)

#define EPT_NOTE (EPT_WRITE | EPT_EXEC)
#define EPT_NOTE_IS (EPT_PERMISSIONS | EPT_PRESENT | EPT_NO_VE)

/* A note of 59 bits: 40 in the address field, 8 below bit 11, 11 from bit 52 on. */
#define NOTE_LOW_BITS 8
#define NOTE_LOW_MASK 0xffULL
#define NOTE_ADDRESS_BITS 40
#define NOTE_HIGH_MASK 0x7ffULL

static uint64_t make_note(const struct pt_format *format, uint64_t note)
{
	uint64_t low = note >> NOTE_ADDRESS_BITS & NOTE_LOW_MASK;
	uint64_t high = note >> (NOTE_ADDRESS_BITS + NOTE_LOW_BITS) & NOTE_HIGH_MASK;

	(void)format;
	return EPT_NOTE | low << 3 | (note << 12 & EPT_ADDRESS) | high << 52;
}

static uint64_t read_note(uint64_t raw)
{
	return (raw & EPT_ADDRESS) >> 12 | (raw >> 3 & NOTE_LOW_MASK) << NOTE_ADDRESS_BITS |
	       (raw >> 52 & NOTE_HIGH_MASK) << (NOTE_ADDRESS_BITS + NOTE_LOW_BITS);
}

static unsigned int read_attrs(uint64_t raw)
{
	bool tracked = raw & EPT_SAVED;
	uint64_t permissions = tracked ? raw >> EPT_SAVED_SHIFT : raw;
	unsigned int attrs = 0;

	attrs |= permissions & EPT_READ ? PT_READ : 0;
	attrs |= raw & EPT_WRITE ? PT_WRITE : 0;
	attrs |= permissions & EPT_EXEC ? PT_EXEC : 0;
	attrs |= raw & EPT_SOFT_0 ? PT_SOFT_0 : 0;
	attrs |= raw & EPT_SOFT_1 ? PT_SOFT_1 : 0;
	if (raw & EPT_AD_OFF)
		return attrs | (tracked ? 0 : PT_ACCESSED) | (raw & EPT_WRITE ? PT_DIRTY : 0);
	return attrs | (raw & EPT_ACCESSED ? PT_ACCESSED : 0) | (raw & EPT_DIRTY ? PT_DIRTY : 0);
}

static struct pt_entry decode(const struct pt_format *format, uint64_t raw, unsigned int level)
{
	bool large = level > 1 && (raw & EPT_LARGE);
	struct pt_entry entry = { .kind = PT_ILLEGAL };

	if (raw == format->empty) {
		entry.kind = PT_EMPTY;
	} else if (raw == format->frozen) {
		entry.kind = PT_FROZEN;
	} else if ((raw & EPT_NOTE_IS) == EPT_NOTE && level == 1) {
		entry.kind = PT_NOTE;
		entry.note = read_note(raw);
	} else if (raw & EPT_PRESENT) {
		entry.kind = level == 1 || large ? PT_LEAF : PT_TABLE;
		entry.opn = (raw & EPT_ADDRESS) >> 12;
		if (entry.kind == PT_LEAF)
			entry.attrs = read_attrs(raw);
	}
	return entry;
}

static uint64_t make_leaf(const struct pt_format *format, unsigned int level, uint64_t opn, unsigned int attrs)
{
	uint64_t permissions = (attrs & PT_READ ? EPT_READ : 0) | (attrs & PT_EXEC ? EPT_EXEC : 0);
	uint64_t raw = EPT_PRESENT | EPT_WRITE_BACK | EPT_IGNORE_PAT | EPT_NO_VE | opn << 12;

	raw |= level > 1 ? EPT_LARGE : 0;
	raw |= attrs & PT_SOFT_0 ? EPT_SOFT_0 : 0;
	raw |= attrs & PT_SOFT_1 ? EPT_SOFT_1 : 0;
	if (!format->hardware_accessed && !(attrs & PT_ACCESSED))
		return raw | EPT_AD_OFF | permissions << EPT_SAVED_SHIFT;
	raw |= permissions | (attrs & PT_WRITE ? EPT_WRITE : 0);
	if (!format->hardware_accessed)
		return raw | EPT_AD_OFF;
	return raw | (attrs & PT_ACCESSED ? EPT_ACCESSED : 0) | (attrs & PT_DIRTY ? EPT_DIRTY : 0);
}

static uint64_t make_table(const struct pt_format *format, uint64_t opn)
{
	return EPT_PERMISSIONS | EPT_PRESENT | opn << 12 | (format->hardware_accessed ? 0 : EPT_AD_OFF);
}

void pt_format_x86_ept(struct pt_format *format, const struct pt_x86_config *config)
{
	*format = (struct pt_format){
		.name = "x86 EPT",
		.page_shift = 12,
		.index_bits = 9,
		.levels = config->levels,
		.leaf_level_max = config->leaf_level_max,
		.input_bits = 12 + 9 * config->levels,
		.output_bits = config->maxphyaddr,
		.hardware_accessed = config->accessed_dirty,
		.hardware_dirty = config->accessed_dirty,
		.empty = EPT_NO_VE,
		.frozen = EPT_NO_VE | 0x5a0,
		.decode = decode,
		.leaf = make_leaf,
		.table = make_table,
		.note = make_note,
	};
}
