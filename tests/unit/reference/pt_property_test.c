// SPDX-License-Identifier: GPL-2.0-only
/*
 * pt_property_test.c - random operations on page tables of every format, against a flat array of pages.
 *
 * After each operation pages at its edges are walked by arch_walk.c, now and then all of them; and the leafs that the
 * changed() hook has told of must be the leafs that are there.  For formats that need break before make, a flush must
 * have seen the entry invalid whenever a live one became another live one.
 */
#include "../host_check.h"
#include "formats.h"

#define WINDOWS 3
#define OPS 1500
#define LEAF_LEVEL_MAX 2

struct page {
	uint64_t opn; /* 0: not mapped */
	unsigned int attrs;
};

struct trial {
	const struct format_case *row;
	const struct pt_format *format;
	struct pt_tree tree;
	uint64_t npages; /* of a window: two leafs of level 2 and a bit */
	uint64_t first[WINDOWS];
	struct page *page[WINDOWS];
	struct pt_cache cache;
	int64_t leafs[PT_LEVELS_MAX + 1], tables;
	uint64_t broken_ipn; /* at which a flush has seen nothing */
	bool broken;
};

static struct trial trial;

static uint64_t pick(uint64_t below)
{
	return host_random() % below;
}

static bool is_live(enum pt_kind kind)
{
	return kind == PT_TABLE || kind == PT_LEAF;
}

static void changed(struct pt_tree *tree, const struct pt_change *change)
{
	struct pt_entry old = pt_decode(tree->format, change->old, change->level);
	struct pt_entry new = pt_decode(tree->format, change->new, change->level);

	trial.leafs[change->level] += (new.kind == PT_LEAF) - (old.kind == PT_LEAF);
	if (tree->format->break_before_make && is_live(old.kind) && is_live(new.kind) &&
	    (old.kind != new.kind || old.opn != new.opn))
		CHECK(trial.broken && trial.broken_ipn == change->ipn);
	trial.broken = false;
}

static void linked(struct pt_tree *tree, struct pt_table *table)
{
	CHECK(table->tree == tree && *table->parent);
	trial.tables++;
}

static void unlinked(struct pt_tree *tree, struct pt_table *table)
{
	CHECK(table->tree == tree);
	trial.tables--;
}

static enum arch_result look(uint64_t ipn, struct arch_leaf *leaf)
{
	struct arch_tables tables = trial.row->tables;

	tables.root = root_address(&trial.tree);
	return arch_walk(&tables, ipn << trial.format->page_shift, leaf);
}

static void flush(struct pt_tree *tree, uint64_t ipn, uint64_t npages)
{
	struct arch_leaf leaf;

	CHECK(tree == &trial.tree && npages);
	trial.broken = look(ipn, &leaf) == ARCH_ABSENT;
	trial.broken_ipn = ipn;
}

static const struct pt_hooks hooks = { .changed = changed, .linked = linked, .unlinked = unlinked, .flush = flush };

/* ---------------------------------------------------------------------------------------------- the operations */

/* Two outputs compete for each page; those of neighbours are neighbours, so that they can make one large leaf. */
static uint64_t output(unsigned int window, uint64_t index, bool other)
{
	uint64_t aligned = pt_align(trial.format, trial.first[window], LEAF_LEVEL_MAX);

	return trial.first[window] - aligned + index +
	       (1 + 2 * window + other) * 8 * pt_npages(trial.format, LEAF_LEVEL_MAX);
}

/* A leaf that was not accessed does not say that it may be written, where permissions say whether it was. */
static unsigned int random_attrs(void)
{
	bool accessed = pick(4);
	bool write = pick(2) && (accessed || !trial.row->tracks_by_permissions);

	return PT_READ | PT_SOFT_1 | (accessed ? PT_ACCESSED : 0) | (write ? PT_WRITE | PT_DIRTY : 0) |
	       (pick(2) ? PT_EXEC : 0);
}

static unsigned int merged(const struct page *old, unsigned int attrs)
{
	return attrs | (old->attrs & (PT_WRITE | PT_ACCESSED | PT_DIRTY));
}

/* The pages become what the leaf that was asked for makes of them; false: something else is in the way. */
static bool model_map(struct page *page, uint64_t npages, uint64_t opn, unsigned int attrs, bool was_leaf)
{
	if (was_leaf && page[0].opn != opn)
		return false;
	for (uint64_t i = 0; i < npages; i++)
		page[i] = (struct page){ opn + i, was_leaf ? merged(&page[i], attrs) : attrs };
	return true;
}

/* Tables are made where the caller may sleep. */
static void fill_cache(unsigned int count)
{
	host_rcu_read_unlock();
	CHECK(!pt_cache_fill(&trial.cache, trial.format, count));
	host_rcu_read_lock();
}

static bool is_leaf_at(uint64_t ipn, unsigned int level)
{
	struct pt_iter iter;
	struct pt_entry entry = pt_lookup(&trial.tree, ipn, &iter);

	return entry.kind == PT_LEAF && iter.level >= level;
}

static void op_map(unsigned int window, uint64_t index)
{
	unsigned int level = pick(4) ? 1 : 2;
	uint64_t npages = pt_npages(trial.format, level);
	uint64_t ipn = trial.first[window] + index, low = pt_align(trial.format, ipn, level);
	bool other = !pick(8);
	struct pt_mapping mapping = {
		.ipn = ipn,
		.opn = output(window, index, other),
		.level = level,
		.attrs = random_attrs(),
		.needs = PT_ATTRS,
		.cache = &trial.cache,
	};
	bool was_leaf, model;
	enum pt_mapped mapped;

	if (low < trial.first[window] || low + npages > trial.first[window] + trial.npages)
		return;
	was_leaf = is_leaf_at(ipn, level);
	mapped = pt_map(&trial.tree, &mapping, pick(2) ? PT_SHARED : PT_EXCLUSIVE);
	model = model_map(&trial.page[window][low - trial.first[window]], npages,
			  pt_align(trial.format, mapping.opn, level), mapping.attrs, was_leaf);
	CHECK(mapped != PT_TRY_AGAIN);
	CHECK(model == (mapped != PT_CONFLICT));
}

/* A leaf at an end goes as a whole. */
static void op_unmap(unsigned int window, uint64_t index, uint64_t npages)
{
	uint64_t start = trial.first[window] + index, end = start + npages;
	uint64_t low = is_leaf_at(start, 2) ? pt_align(trial.format, start, 2) : start;
	uint64_t high = is_leaf_at(end - 1, 2) ? pt_align(trial.format, end - 1, 2) + pt_npages(trial.format, 2) : end;
	bool any = false;

	for (uint64_t ipn = low; ipn < high; ipn++) {
		struct page *page = &trial.page[window][ipn - trial.first[window]];

		any |= page->opn != 0;
		*page = (struct page){ 0 };
	}
	CHECK(pt_unmap(&trial.tree, start, end, NULL, false, false) == any);
}

static void for_pages(unsigned int window, uint64_t index, uint64_t npages, unsigned int clear, unsigned int *seen)
{
	uint64_t start = trial.first[window] + index, end = start + npages;
	uint64_t low = is_leaf_at(start, 2) ? pt_align(trial.format, start, 2) : start;
	uint64_t high = is_leaf_at(end - 1, 2) ? pt_align(trial.format, end - 1, 2) + pt_npages(trial.format, 2) : end;

	for (uint64_t ipn = low; ipn < high; ipn++) {
		struct page *page = &trial.page[window][ipn - trial.first[window]];

		*seen |= page->opn ? page->attrs : 0;
		page->attrs &= ~clear;
	}
}

static void op_protect(unsigned int window, uint64_t index, uint64_t npages)
{
	const struct pt_protection clear = { PT_WRITE, PT_WRITE };
	uint64_t start = trial.first[window] + index;
	unsigned int seen = 0;

	for_pages(window, index, npages, PT_WRITE, &seen);
	CHECK(pt_protect(&trial.tree, start, start + npages, clear, PT_SHARED) == !!(seen & PT_WRITE));
}

static void op_age(unsigned int window, uint64_t index, uint64_t npages)
{
	uint64_t start = trial.first[window] + index;
	bool clear = pick(2);
	unsigned int seen = 0;

	/* Without an accessed bit the right to write goes with the age. */
	for_pages(window, index, npages,
		  !clear                             ? 0
		  : trial.row->tracks_by_permissions ? PT_ACCESSED | PT_WRITE
						     : PT_ACCESSED,
		  &seen);
	CHECK(pt_age(&trial.tree, start, start + npages, NULL, clear) == !!(seen & PT_ACCESSED));
}

static void op_split(unsigned int window, uint64_t index, uint64_t npages)
{
	uint64_t start = trial.first[window] + index, end = start + npages;

	trial.broken = false;
	pt_cache_drain(&trial.cache);
	while (pt_split(&trial.tree, &start, end, 1, &trial.cache, pick(2) ? PT_SHARED : PT_EXCLUSIVE))
		fill_cache(1);
	CHECK(!is_leaf_at(trial.first[window] + index, 2));
}

/* A frame of small leafs that make a large one, or would but for their place in memory. */
static void fill_frame(unsigned int window, uint64_t low)
{
	uint64_t npages = pt_npages(trial.format, 2), misplaced = pick(2), first = low - trial.first[window];

	op_unmap(window, first, npages);
	for (uint64_t i = 0; i < npages; i++) {
		struct pt_mapping mapping = {
			.ipn = low + i,
			.opn = output(window, first + i, false) + misplaced,
			.level = 1,
			.attrs = PT_READ | PT_SOFT_1 | PT_ACCESSED,
			.cache = &trial.cache,
		};

		CHECK(pt_map(&trial.tree, &mapping, PT_SHARED) == PT_MAPPED);
		trial.page[window][first + i] = (struct page){ mapping.opn, mapping.attrs };
	}
}

static void op_collapse(unsigned int window, uint64_t index)
{
	uint64_t npages = pt_npages(trial.format, 2), ipn = trial.first[window] + index;
	uint64_t low = pt_align(trial.format, ipn, 2);
	unsigned int same = PT_READ | PT_EXEC, either = 0, all = PT_WRITE;
	bool can = low >= trial.first[window] && low + npages <= trial.first[window] + trial.npages;
	struct page *page = can ? &trial.page[window][low - trial.first[window]] : NULL;

	if (can && pick(2))
		fill_frame(window, low);
	can = can && !is_leaf_at(ipn, 2) && page->opn && !(page->opn & (npages - 1));
	for (uint64_t i = 0; can && i < npages; i++) {
		can = page[i].opn == page->opn + i && !((page[i].attrs ^ page->attrs) & same);
		either |= page[i].attrs & (PT_ACCESSED | PT_DIRTY);
		all &= page[i].attrs;
	}
	CHECK(pt_collapse(&trial.tree, ipn, 2) == can);
	for (uint64_t i = 0; can && i < npages; i++)
		page[i].attrs = (page[i].attrs & ~PT_WRITE) | either | all;
}

/* ---------------------------------------------------------------------------------------------- the comparison */

static void check_page(unsigned int window, uint64_t index)
{
	const struct page *page = &trial.page[window][index];
	bool hidden = trial.row->tracks_by_permissions && !(page->attrs & PT_ACCESSED);
	struct arch_leaf leaf = { 0 };
	enum arch_result result = look(trial.first[window] + index, &leaf);

	CHECK(result != ARCH_RESERVED);
	if (!page->opn || hidden) {
		CHECK(result == ARCH_ABSENT);
		return;
	}
	CHECK(result == ARCH_MAPPED);
	CHECK(leaf.address == page->opn << trial.format->page_shift);
	CHECK(leaf.write == !!(page->attrs & PT_WRITE));
	CHECK(leaf.exec == !!(page->attrs & PT_EXEC));
	if (!trial.row->tracks_by_permissions)
		CHECK(leaf.accessed == !!(page->attrs & PT_ACCESSED));
}

static void check_edges(unsigned int window, uint64_t index, uint64_t npages)
{
	uint64_t end = index + npages;

	check_page(window, index);
	check_page(window, end - 1);
	check_page(window, index ? index - 1 : 0);
	check_page(window, end < trial.npages ? end : end - 1);
	check_page(window, pick(trial.npages));
}

static bool count_entry(void *context, mmu_pfn_t table, const struct pt_iter *at)
{
	int64_t *counts = context;
	struct pt_entry entry = pt_iter_entry(at);

	CHECK(pt_table_at(table)->level == at->level && entry.kind != PT_FROZEN && entry.kind != PT_ILLEGAL);
	if (entry.kind == PT_LEAF)
		counts[at->level]++;
	else
		counts[0]++;
	return true;
}

static void check_all(void)
{
	int64_t counts[PT_LEVELS_MAX + 1] = { 0 };
	const struct pt_visitor visitor = { .entry = count_entry, .context = counts };

	for (unsigned int window = 0; window < WINDOWS; window++)
		for (uint64_t index = 0; index < trial.npages; index++)
			check_page(window, index);
	pt_visit(&trial.tree, &visitor);
	CHECK(counts[0] == trial.tables);
	for (unsigned int level = 1; level <= PT_LEVELS_MAX; level++)
		CHECK(counts[level] == trial.leafs[level]);
}

static void one_op(void)
{
	unsigned int window = pick(WINDOWS);
	uint64_t index = pick(trial.npages);
	uint64_t npages = 1 + pick(pick(4) ? 8 : trial.npages - index);

	if (npages > trial.npages - index)
		npages = trial.npages - index;
	host_rcu_read_lock();
	fill_cache(PT_LEVELS_MAX);
	switch (pick(10)) {
	default:
		op_map(window, index);
		break;
	case 5:
		op_unmap(window, index, npages);
		break;
	case 6:
		op_protect(window, index, npages);
		break;
	case 7:
		op_age(window, index, npages);
		break;
	case 8:
		op_split(window, index, npages);
		break;
	case 9:
		op_collapse(window, index);
		break;
	}
	check_edges(window, index, npages);
	host_rcu_read_unlock();
}

static void begin(const struct format_case *row)
{
	uint64_t end = pt_input_end(&row->format);

	trial = (struct trial){ .row = row, .format = &row->format };
	trial.npages = 2 * pt_npages(trial.format, LEAF_LEVEL_MAX) + 5;
	trial.first[0] = 0;
	trial.first[1] = pt_align(trial.format, end / 2, LEAF_LEVEL_MAX) - pt_npages(trial.format, LEAF_LEVEL_MAX);
	trial.first[2] = end - trial.npages;
	for (unsigned int i = 0; i < WINDOWS; i++) {
		trial.page[i] = calloc(trial.npages, sizeof(*trial.page[i]));
		CHECK(trial.page[i]);
	}
	CHECK(!pt_tree_init(&trial.tree, trial.format, &hooks, 0));
}

static void end(void)
{
	host_rcu_read_lock();
	check_all();
	pt_clear(&trial.tree, 1, PT_SHARED);
	for (unsigned int level = 1; level <= PT_LEVELS_MAX; level++)
		CHECK(trial.leafs[level] == 0);
	pt_clear(&trial.tree, trial.format->levels, PT_SHARED);
	CHECK(trial.tables == 0);
	host_rcu_read_unlock();
	pt_tree_destroy(&trial.tree);
	pt_cache_drain(&trial.cache);
	for (unsigned int i = 0; i < WINDOWS; i++)
		free(trial.page[i]);
	host_rcu_barrier();
	CHECK(!host_pages_live(HOST_PAGE_CORE));
}

int main(void)
{
	const struct host_config config = { .seed = 7 };
	static struct format_case cases[FORMAT_CASES];

	host_start(&config);
	format_cases(cases);
	for (unsigned int i = 0; i < FORMAT_CASES; i++) {
		begin(&cases[i]);
		for (unsigned int op = 0; op < OPS; op++) {
			one_op();
			if (op % 256 == 0)
				check_all();
		}
		end();
		printf("%s ok\n", cases[i].name);
	}
	CHECK(!reports_total());
	return 0;
}
