/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * format.h - what a page table looks like: its geometry, and how one entry is read and made.
 *
 * A format is a struct of numbers and four functions; everything else about tables is the same for all of them.
 *
 * Units:  ipn and opn are input and output page numbers, in pages of the format's own size (its granule): 4 KiB, or 16
 *         or 64 KiB on arm64.  Levels count from 1, the smallest leaf, to @levels, the root.
 * Words:  a *note* is an entry that maps nothing and says something to software; hardware faults on it.
 * Source: spec.md 9 (formats), 10.1 (what a format has to tell); each format's file names its manual.
 */
#ifndef MMU_REFERENCE_PT_FORMAT_H
#define MMU_REFERENCE_PT_FORMAT_H

#include "mmu_core/types.h"

#define PT_LEVELS_MAX 5

/* What an entry permits and remembers.  The two soft bits belong to whoever owns the tables. */
enum pt_attr {
	PT_READ = 1 << 0,
	PT_WRITE = 1 << 1,
	PT_EXEC = 1 << 2,
	PT_ACCESSED = 1 << 3,
	PT_DIRTY = 1 << 4,
	PT_SOFT_0 = 1 << 5,
	PT_SOFT_1 = 1 << 6,
};
#define PT_ATTRS (PT_READ | PT_WRITE | PT_EXEC | PT_ACCESSED | PT_DIRTY | PT_SOFT_0 | PT_SOFT_1)

enum pt_kind {
	PT_EMPTY,
	PT_FROZEN, /* somebody is taking it away: wait, or try again */
	PT_TABLE,
	PT_LEAF,
	PT_NOTE,
	PT_ILLEGAL, /* none of what the format's own functions make */
};

static inline bool pt_is_live(enum pt_kind kind)
{
	return kind == PT_TABLE || kind == PT_LEAF;
}

struct pt_entry {
	enum pt_kind kind;
	unsigned int attrs; /* LEAF */
	uint64_t opn; /* LEAF: first output page; TABLE: the child */
	uint64_t note; /* NOTE */
};

struct pt_format {
	const char *name;
	uint8_t page_shift; /* of the granule, in bytes */
	uint8_t index_bits; /* of one level */
	uint8_t levels; /* the root's level */
	uint8_t leaf_level_max;
	uint8_t root_order; /* the root is 2^root_order tables in a row */
	uint8_t input_bits; /* of an address */
	uint8_t output_bits;
	bool break_before_make; /* a live entry may only change its address or kind by way of an invalid one */
	bool hardware_accessed, hardware_dirty; /* the CPU sets them; otherwise software does */
	uint64_t empty, frozen;

	struct pt_entry (*decode)(const struct pt_format *format, uint64_t raw, unsigned int level);
	uint64_t (*leaf)(const struct pt_format *format, unsigned int level, uint64_t opn, unsigned int attrs);
	uint64_t (*table)(const struct pt_format *format, uint64_t opn);
	uint64_t (*note)(const struct pt_format *format, uint64_t note); /* NULL: the format has no room for any */
};

/* ------------------------------------------------------------------------------------------------------- geometry */

/* Pages that one entry of @level covers. */
static inline uint64_t pt_npages(const struct pt_format *format, unsigned int level)
{
	return (uint64_t)1 << (format->index_bits * (level - 1));
}

static inline uint64_t pt_nr_entries(const struct pt_format *format, unsigned int level)
{
	return (uint64_t)1 << (format->index_bits + (level == format->levels ? format->root_order : 0));
}

static inline uint64_t pt_index(const struct pt_format *format, uint64_t ipn, unsigned int level)
{
	return (ipn >> (format->index_bits * (level - 1))) & (pt_nr_entries(format, level) - 1);
}

static inline uint64_t pt_align(const struct pt_format *format, uint64_t ipn, unsigned int level)
{
	return ipn & ~(pt_npages(format, level) - 1);
}

/* One past the last input page. */
static inline uint64_t pt_input_end(const struct pt_format *format)
{
	return (uint64_t)1 << (format->input_bits - format->page_shift);
}

/* -------------------------------------------------------------------------------------------- the formats there are */

struct pt_x86_config {
	uint8_t levels; /* 4 or 5 */
	uint8_t leaf_level_max; /* 1, 2 or 3 */
	uint8_t maxphyaddr;
	bool accessed_dirty; /* EPT: hardware sets A and D; long mode: always */
};
void pt_format_x86_ept(struct pt_format *format, const struct pt_x86_config *config);
void pt_format_x86_long(struct pt_format *format, const struct pt_x86_config *config);

/* @page_shift: 12, 14 or 16.  False: no stage-2 tables of that granule for so many bits. */
bool pt_format_arm64_s2(struct pt_format *format, unsigned int page_shift, unsigned int ipa_bits);

/* @levels: 3 (Sv39x4), 4 (Sv48x4) or 5 (Sv57x4). */
void pt_format_riscv_gstage(struct pt_format *format, unsigned int levels);

#endif
