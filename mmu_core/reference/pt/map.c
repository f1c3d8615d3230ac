// SPDX-License-Identifier: GPL-2.0-only
/*
 * map.c - putting one leaf in, with the tables that lead to it.
 *
 * In SHARED mode many do this at once.  A race that is lost is not fought out: the caller tries again from the start,
 * because what the other one has put there may be just what was wanted.
 */
#include "plant.h"
#include "pt/parts.h"
#include "sync.h"

static unsigned int attrs_at(const struct pt_mapping *mapping, unsigned int level)
{
	if (mapping->policy && mapping->policy->attrs)
		return mapping->policy->attrs(mapping, level);
	return mapping->attrs;
}

static uint64_t leaf_for(const struct pt_mapping *mapping, const struct pt_format *format)
{
	uint64_t opn = mapping->opn & ~(pt_npages(format, mapping->level) - 1);

	if (mapping->raw)
		return mapping->raw;
	return format->leaf(format, mapping->level, opn, attrs_at(mapping, mapping->level));
}

/* An entry above the leaf: make it lead to a table.  A leaf there is split, so that its other pages stay mapped. */
static bool descend(struct pt_iter *iter, struct pt_mapping *mapping, const struct pt_entry *entry, enum pt_mode mode)
{
	struct pt_table *table = pt_cache_take(mapping->cache);
	const struct pt_map_policy *policy = mapping->policy;
	bool splits = entry->kind == PT_LEAF;

	if (splits)
		pt_split_fill(iter->tree, iter->raw, iter->level, table);
	if (policy && policy->linking)
		policy->linking(mapping, table);
	if (!pt_link(iter, table, mode)) {
		/* Split entries are of no use any more; a fresh table costs less than to empty this one. */
		if (splits)
			pt_table_free(table);
		else
			pt_cache_put(mapping->cache, table);
		return false;
	}
	if (policy && policy->linked)
		policy->linked(mapping, table);
	return true;
}

/* What the same page was allowed before stays allowed: whoever forbids something does so in the entry. */
static uint64_t merge(const struct pt_format *format, const struct pt_entry *there, uint64_t new, unsigned int level)
{
	struct pt_entry leaf = pt_decode(format, new, level);
	unsigned int kept = there->attrs & (PT_WRITE | PT_ACCESSED | PT_DIRTY);

	return format->leaf(format, level, leaf.opn, leaf.attrs | kept);
}

static enum pt_mapped put_leaf(struct pt_iter *iter, struct pt_mapping *mapping, const struct pt_entry *there,
			       enum pt_mode mode)
{
	const struct pt_format *format = iter->tree->format;
	uint64_t new = leaf_for(mapping, format);
	struct pt_entry leaf = pt_decode(format, new, iter->level);
	bool unlinks = there->kind == PT_TABLE;

	if (there->kind == PT_LEAF) {
		if (leaf.kind != PT_LEAF || leaf.opn != there->opn)
			return PT_CONFLICT;
		if (!(mapping->needs & ~there->attrs))
			return PT_THERE_ALREADY;
		new = merge(format, there, new, iter->level);
	}
	if (iter->raw == new)
		return PT_THERE_ALREADY;
	if (!pt_set(iter, new, mode))
		return PT_TRY_AGAIN;
	/* CPUs may have cached that the table was there. */
	if (unlinks && iter->tree->hooks->flush)
		iter->tree->hooks->flush(iter->tree, iter->ipn, pt_npages(format, iter->level));
	return PT_MAPPED;
}

enum pt_mapped pt_map(struct pt_tree *tree, struct pt_mapping *mapping, enum pt_mode mode)
{
	struct pt_iter iter;

	CORE_ASSERT(mapping->level >= 1 && mapping->level <= tree->format->leaf_level_max);
	pt_for_each(&iter, tree, mapping->ipn, mapping->ipn + 1, 1)
	{
		struct pt_entry entry = pt_iter_entry(&iter);

		if (mapping->policy && mapping->policy->at_entry)
			mapping->policy->at_entry(mapping, &iter);
		if (entry.kind == PT_FROZEN && !planted(M_20))
			return PT_TRY_AGAIN;
		if (iter.level == mapping->level)
			return put_leaf(&iter, mapping, &entry, mode);
		if (entry.kind == PT_TABLE)
			continue;
		if (entry.kind == PT_LEAF && mapping->raw)
			return PT_CONFLICT;
		/* Larger than asked for, and good enough. */
		if (entry.kind == PT_LEAF && !(mapping->needs & ~entry.attrs))
			return PT_THERE_ALREADY;
		if (!descend(&iter, mapping, &entry, mode))
			return PT_TRY_AGAIN;
	}
	/* A table went away between two steps. */
	return PT_TRY_AGAIN;
}
