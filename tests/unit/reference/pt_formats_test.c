// SPDX-License-Identifier: GPL-2.0-only
/*
 * pt_formats_test.c - each format against its architecture: geometry, every attribute, every level, notes.
 */
#include "../host_check.h"
#include "formats.h"

static struct format_case cases[FORMAT_CASES];

static const struct pt_hooks no_hooks;

static enum arch_result look(const struct format_case *row, const struct pt_tree *tree, uint64_t ipn,
			     struct arch_leaf *leaf)
{
	struct arch_tables tables = row->tables;

	tables.root = root_address(tree);
	return arch_walk(&tables, ipn << row->format.page_shift, leaf);
}

static enum pt_mapped map(struct pt_tree *tree, uint64_t ipn, uint64_t opn, unsigned int level, unsigned int attrs)
{
	struct pt_cache cache = { 0 };
	struct pt_mapping mapping = {
		.ipn = ipn,
		.opn = opn,
		.level = level,
		.attrs = attrs,
		.needs = PT_ATTRS,
		.cache = &cache,
	};
	enum pt_mapped mapped;

	CHECK(!pt_cache_fill(&cache, tree->format, PT_LEVELS_MAX));
	host_rcu_read_lock();
	mapped = pt_map(tree, &mapping, PT_EXCLUSIVE);
	host_rcu_read_unlock();
	pt_cache_drain(&cache);
	return mapped;
}

static void clear(struct pt_tree *tree)
{
	host_rcu_read_lock();
	pt_clear(tree, tree->format->levels, PT_EXCLUSIVE);
	host_rcu_read_unlock();
}

/* What the hardware sees of a leaf that was made with @attrs. */
static void check_leaf(const struct format_case *row, struct pt_tree *tree, unsigned int level, unsigned int attrs)
{
	const struct pt_format *format = &row->format;
	bool tracked = row->tracks_by_permissions && !(attrs & PT_ACCESSED);
	bool long_mode = row->tables.arch == ARCH_LONG;
	uint64_t npages = pt_npages(format, level);
	/* Output bits 44 and up are set, input bits of all levels too. */
	uint64_t ipn = pt_align(format, pt_input_end(format) - 1, level);
	uint64_t opn = pt_align(format, (uint64_t)3 << (44 - format->page_shift), level) + npages;
	enum arch_result result;
	struct arch_leaf leaf;

	CHECK(map(tree, ipn + npages / 2, opn + npages / 2, level, attrs) == PT_MAPPED);
	result = look(row, tree, ipn + npages - 1, &leaf);
	if (tracked) {
		CHECK(result == ARCH_ABSENT);
	} else {
		CHECK(result == ARCH_MAPPED);
		CHECK(leaf.address == (opn + npages - 1) << format->page_shift);
		CHECK(leaf.bytes == npages << format->page_shift);
		CHECK(leaf.read == (long_mode || (attrs & PT_READ)));
		CHECK(leaf.write == !!(attrs & PT_WRITE));
		CHECK(leaf.exec == !!(attrs & PT_EXEC));
		if (!row->tracks_by_permissions)
			CHECK(leaf.accessed == !!(attrs & PT_ACCESSED));
		if (format->hardware_dirty || row->tables.arch == ARCH_RISCV)
			CHECK(leaf.dirty == !!(attrs & PT_DIRTY));
	}
	CHECK(ipn == 0 || look(row, tree, ipn - 1, &leaf) == ARCH_ABSENT);
	clear(tree);
	CHECK(look(row, tree, ipn, &leaf) == ARCH_ABSENT);
}

/* Decoding gives back what was encoded, as far as the format can say it. */
static void check_round_trip(const struct pt_format *format, unsigned int level, unsigned int attrs)
{
	uint64_t opn = pt_align(format, 0x12345678, level);
	uint64_t raw = format->leaf(format, level, opn, attrs);
	struct pt_entry entry = pt_decode(format, raw, level);

	CHECK(entry.kind == PT_LEAF && entry.opn == opn);
	CHECK(!((entry.attrs ^ attrs) & (PT_EXEC | PT_ACCESSED | PT_SOFT_0 | PT_SOFT_1)));
	CHECK(pt_with_attrs(format, raw, level, entry.attrs) == raw);
}

static void leafs(void)
{
	for (unsigned int i = 0; i < FORMAT_CASES; i++) {
		struct format_case *row = &cases[i];
		struct pt_tree tree;

		CHECK(!pt_tree_init(&tree, &row->format, &no_hooks, 0));
		for (unsigned int level = 1; level <= row->format.leaf_level_max; level++) {
			for (unsigned int attrs = 0; attrs <= PT_ATTRS; attrs++) {
				if (!(attrs & PT_READ)) /* alone, W and X are not legal everywhere */
					continue;
				check_round_trip(&row->format, level, attrs);
				check_leaf(row, &tree, level, attrs);
			}
		}
		pt_tree_destroy(&tree);
		host_rcu_barrier();
	}
}

/* spec.md 9.1: levels and number of root pages by the size of the input. */
static void arm64_geometry(void)
{
	static const struct {
		uint8_t page_shift, bits, levels, roots;
	} rows[] = {
		{ 12, 32, 2, 4 }, { 12, 34, 2, 16 }, { 12, 39, 3, 1 }, { 12, 40, 3, 2 },  { 12, 43, 3, 16 },
		{ 12, 44, 4, 1 }, { 12, 48, 4, 1 },  { 14, 36, 2, 1 }, { 14, 40, 2, 16 }, { 14, 48, 3, 2 },
		{ 16, 32, 2, 1 }, { 16, 42, 2, 1 },  { 16, 48, 3, 1 },
	};
	struct pt_format format;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(pt_format_arm64_s2(&format, rows[i].page_shift, rows[i].bits));
		CHECK(format.levels == rows[i].levels && 1u << format.root_order == rows[i].roots);
	}
	CHECK(!pt_format_arm64_s2(&format, 13, 40));
	CHECK(!pt_format_arm64_s2(&format, 12, 31));
	CHECK(!pt_format_arm64_s2(&format, 12, 49));
}

static void notes(void)
{
	/* A page number as wide as the narrower format has room for, and 19 bits beside it. */
	const uint64_t note = 0x7654321abcULL | (uint64_t)0x5a5a5 << 40;

	for (unsigned int i = 0; i < FORMAT_CASES; i++) {
		const struct pt_format *format = &cases[i].format;
		struct pt_mapping mapping = { .ipn = 77, .level = 1 };
		struct pt_cache cache = { 0 };
		struct arch_leaf leaf;
		struct pt_tree tree;
		struct pt_entry entry;
		struct pt_iter iter;

		if (!format->note)
			continue;
		CHECK(!pt_tree_init(&tree, format, &no_hooks, 0));
		CHECK(!pt_cache_fill(&cache, format, PT_LEVELS_MAX));
		mapping.cache = &cache;
		mapping.raw = format->note(format, note);
		host_rcu_read_lock();
		CHECK(pt_map(&tree, &mapping, PT_SHARED) == PT_MAPPED);
		entry = pt_lookup(&tree, 77, &iter);
		host_rcu_read_unlock();
		CHECK(entry.kind == PT_NOTE && entry.note == note);
		CHECK(look(&cases[i], &tree, 77, &leaf) == ARCH_RESERVED);
		pt_cache_drain(&cache);
		clear(&tree);
		pt_tree_destroy(&tree);
	}
}

static void markers(void)
{
	for (unsigned int i = 0; i < FORMAT_CASES; i++) {
		const struct pt_format *format = &cases[i].format;

		for (unsigned int level = 1; level <= format->levels; level++) {
			CHECK(pt_decode(format, format->empty, level).kind == PT_EMPTY);
			CHECK(pt_decode(format, format->frozen, level).kind == PT_FROZEN);
			CHECK(pt_decode(format, ~(uint64_t)0 << 62 | 2, level).kind == PT_ILLEGAL);
			if (level > 1)
				CHECK(pt_decode(format, format->table(format, 0x1234), level).kind == PT_TABLE);
		}
	}
}

int main(void)
{
	const struct host_config config = { .seed = 1 };

	host_start(&config);
	format_cases(cases);
	RUN(arm64_geometry);
	RUN(markers);
	RUN(leafs);
	RUN(notes);
	CHECK(!reports_total());
	CHECK(!host_pages_live(HOST_PAGE_CORE) || (host_rcu_barrier(), !host_pages_live(HOST_PAGE_CORE)));
	return 0;
}
