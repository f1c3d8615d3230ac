// SPDX-License-Identifier: GPL-2.0-only
/*
 * resize.c - one large leaf into a table of smaller ones, and back.
 *
 * A split changes no translation, so it needs no flush (but where the format wants break before make); a collapse
 * unlinks a table, which CPUs may have cached.
 * Source: spec.md 3.10, I-G5, I-G6.
 */
#include <errno.h>

#include "plant.h"
#include "pt/parts.h"
#include "sync.h"

static unsigned int smaller_attrs(struct pt_tree *tree, unsigned int attrs, unsigned int level)
{
	return tree->hooks->split_attrs ? tree->hooks->split_attrs(tree, attrs, level) : attrs;
}

void pt_split_fill(struct pt_tree *tree, uint64_t huge, unsigned int level, struct pt_table *table)
{
	const struct pt_format *format = tree->format;
	struct pt_entry entry = pt_decode(format, huge, level);
	unsigned int attrs = smaller_attrs(tree, entry.attrs, level - 1);
	uint64_t *entries = pt_entries(table);

	CORE_ASSERT(entry.kind == PT_LEAF && level > 1);
	if (planted(M_49))
		attrs &= ~(unsigned int)PT_SOFT_1;
	for (uint64_t i = 0; i < pt_nr_entries(format, level - 1); i++)
		__atomic_store_n(&entries[i],
				 format->leaf(format, level - 1, entry.opn + i * pt_npages(format, level - 1), attrs),
				 __ATOMIC_RELAXED);
}

/* The owner's book-keeping follows entries, and these came into being with their table. */
void pt_split_tell(struct pt_tree *tree, uint64_t huge, unsigned int level, uint64_t ipn)
{
	const struct pt_format *format = tree->format;
	struct pt_entry entry = pt_decode(format, huge, level);
	unsigned int attrs = smaller_attrs(tree, entry.attrs, level - 1);

	for (uint64_t i = 0; tree->hooks->changed && i < pt_nr_entries(format, level - 1); i++) {
		uint64_t offset = i * pt_npages(format, level - 1);
		struct pt_change change = {
			.ipn = ipn + offset,
			.level = level - 1,
			.old = format->empty,
			.new = format->leaf(format, level - 1, entry.opn + offset, attrs),
		};

		tree->hooks->changed(tree, &change);
	}
}

int pt_split(struct pt_tree *tree, uint64_t *start, uint64_t end, unsigned int level, struct pt_cache *cache,
	     enum pt_mode mode)
{
	struct pt_iter iter;
	bool flush = false;

	pt_for_each(&iter, tree, *start, end, level + 1)
	{
		struct pt_table *table;

		if (pt_iter_yield(&iter, mode, &flush))
			continue;
		if (pt_iter_entry(&iter).kind != PT_LEAF)
			continue;
		*start = iter.ipn > *start ? iter.ipn : *start;
		if (!cache->count)
			return -ENOMEM;
		table = pt_cache_take(cache);
		pt_split_fill(tree, iter.raw, iter.level, table);
		if (!pt_link(&iter, table, mode)) {
			/* Changed meanwhile: look at it again. */
			pt_table_free(table);
			iter.start = *start;
			iter.restart = true;
		}
	}
	*start = end;
	return 0;
}

/* The leaf that the whole table amounts to; false: it does not.  Only where all may write may the leaf. */
static bool sum_of(const struct pt_format *format, const struct pt_table *table, struct pt_entry *leaf)
{
	uint64_t *entries = pt_entries(table);
	unsigned int either = 0, same = ~(unsigned int)(PT_ACCESSED | PT_DIRTY | PT_WRITE), all = PT_WRITE;

	for (uint64_t i = 0; i < pt_nr_entries(format, table->level); i++) {
		struct pt_entry entry = pt_decode(format, sync_load(&entries[i]), table->level);

		if (i == 0)
			*leaf = entry;
		if (entry.kind != PT_LEAF || entry.opn != leaf->opn + i * pt_npages(format, table->level) ||
		    (entry.attrs & same) != (leaf->attrs & same))
			return false;
		either |= entry.attrs & (PT_ACCESSED | PT_DIRTY);
		all &= entry.attrs;
	}
	leaf->attrs = (leaf->attrs & same) | either | all;
	return !(leaf->opn & (pt_npages(format, table->level + 1) - 1));
}

bool pt_collapse(struct pt_tree *tree, uint64_t ipn, unsigned int level)
{
	const struct pt_format *format = tree->format;
	struct pt_entry entry, leaf;
	struct pt_iter iter;

	CORE_ASSERT(level > 1 && level <= format->leaf_level_max);
	pt_for_each(&iter, tree, ipn, ipn + 1, level)
	{
		if (iter.level > level)
			continue;
		entry = pt_iter_entry(&iter);
		if (entry.kind != PT_TABLE || !sum_of(format, pt_child(format, entry.opn), &leaf))
			return false;
		return pt_set(&iter, format->leaf(format, level, leaf.opn, leaf.attrs), PT_EXCLUSIVE);
	}
	return false;
}
