// SPDX-License-Identifier: GPL-2.0-only
/*
 * entry.c - changing one entry, and what follows from it.
 *
 * When an entry that led to a table is replaced, the table is unlinked: every entry of it is frozen, so that whoever is
 * still in it can change nothing, the owner hears of each, and the memory goes back after a grace period.
 *
 * An entry that somebody else has frozen belongs to him until he has written its last value; who takes the table apart
 * waits for that.
 * Source: spec.md 3.6, I-S6.
 */
#include "plant.h"
#include "pt/parts.h"
#include "sync.h"

uint64_t pt_with_attrs(const struct pt_format *format, uint64_t raw, unsigned int level, unsigned int attrs)
{
	struct pt_entry entry = pt_decode(format, raw, level);

	CORE_ASSERT(entry.kind == PT_LEAF);
	return format->leaf(format, level, entry.opn, attrs);
}

static void take_apart(struct pt_tree *tree, struct pt_table *table, enum pt_mode mode);

/* False: it must not be.  Whoever keeps a copy has to hear of what was below first: he could not reach it any more. */
static bool has_changed(struct pt_tree *tree, const struct pt_change *change, enum pt_mode mode)
{
	struct pt_entry old = pt_decode(tree->format, change->old, change->level);
	struct pt_table *below = old.kind == PT_TABLE ? pt_child(tree->format, old.opn) : NULL;

	if (below && tree->agree)
		take_apart(tree, below, mode);
	if (tree->agree && !tree->agree(tree, change))
		return false;
	if (tree->hooks->changed)
		tree->hooks->changed(tree, change);
	if (below && !tree->agree)
		take_apart(tree, below, mode);
	return true;
}

static uint64_t freeze(const struct pt_format *format, uint64_t *entry, unsigned int level, enum pt_mode mode)
{
	uint64_t old = sync_load(entry);

	/* Nobody else is about: what maps nothing can stay as it is. */
	if (mode == PT_EXCLUSIVE && !pt_is_live(pt_decode(format, old, level).kind))
		return old;
	while ((old = sync_exchange(entry, format->frozen)) == format->frozen) {
		CORE_ASSERT(mode == PT_SHARED);
		host_yield();
	}
	return old;
}

static void take_apart(struct pt_tree *tree, struct pt_table *table, enum pt_mode mode)
{
	const struct pt_format *format = tree->format;
	uint64_t *entries = pt_entries(table);

	if (tree->hooks->unlinked)
		tree->hooks->unlinked(tree, table);
	for (uint64_t i = 0; i < pt_nr_entries(format, table->level) && !planted(M_19); i++) {
		struct pt_change change = {
			.ipn = table->ipn + i * pt_npages(format, table->level),
			.level = table->level,
			.old = freeze(format, &entries[i], table->level, mode),
			.new = format->frozen,
		};

		if (change.old != format->empty)
			has_changed(tree, &change, mode);
	}
	pt_table_free(table);
}

/* The other order of things is for entries whose address or kind would change while they are live. */
static bool needs_break(const struct pt_iter *iter, uint64_t new)
{
	const struct pt_format *format = iter->tree->format;
	struct pt_entry from = pt_iter_entry(iter);
	struct pt_entry to = pt_decode(format, new, iter->level);

	return format->break_before_make && pt_is_live(from.kind) && pt_is_live(to.kind) &&
	       (from.kind != to.kind || from.opn != to.opn);
}

/* False: iter->raw has become what is there. */
static bool replace(struct pt_iter *iter, uint64_t new, enum pt_mode mode)
{
	const struct pt_format *format = iter->tree->format;
	bool live = pt_is_live(pt_iter_entry(iter).kind);

	if (mode == PT_SHARED)
		return (iter->raw != format->frozen || planted(M_20)) && sync_replace(iter->entry, &iter->raw, new);
	CORE_ASSERT(iter->raw != format->frozen);
	/* Hardware, and whoever changes permissions without a lock, may have been there since it was read. */
	if (live)
		iter->raw = sync_exchange(iter->entry, new);
	else
		sync_store_release(iter->entry, new);
	return true;
}

static void flush_entry(const struct pt_iter *iter)
{
	const struct pt_hooks *hooks = iter->tree->hooks;

	if (hooks->flush)
		hooks->flush(iter->tree, iter->ipn, pt_npages(iter->tree->format, iter->level));
}

/* Whoever keeps the copy is asked while the entry is frozen: nobody sees it go back to what it was. */
static bool set_if_agreed(struct pt_iter *iter, uint64_t new, enum pt_mode mode)
{
	struct pt_tree *tree = iter->tree;
	struct pt_change change = { .ipn = iter->ipn, .level = iter->level, .new = new };
	bool stays_live = pt_is_live(pt_iter_entry(iter).kind) &&
			  pt_is_live(pt_decode(tree->format, new, iter->level).kind);
	bool agreed;

	CORE_ASSERT(!stays_live);
	if (stays_live || !replace(iter, tree->format->frozen, mode))
		return false;
	change.old = iter->raw;
	agreed = has_changed(tree, &change, mode);
	if (agreed)
		iter->raw = new;
	sync_store_release(iter->entry, iter->raw);
	return agreed;
}

bool pt_set(struct pt_iter *iter, uint64_t new, enum pt_mode mode)
{
	struct pt_change change = { .ipn = iter->ipn, .level = iter->level, .new = new };
	bool in_two_steps = needs_break(iter, new);

	if (iter->tree->agree)
		return set_if_agreed(iter, new, mode);
	if (!replace(iter, in_two_steps ? iter->tree->format->frozen : new, mode))
		return false;
	if (in_two_steps) {
		flush_entry(iter);
		sync_store_release(iter->entry, new);
	}
	change.old = iter->raw;
	iter->raw = new;
	has_changed(iter->tree, &change, mode);
	return true;
}

bool pt_try_change(struct pt_iter *iter, unsigned int set, unsigned int clear)
{
	struct pt_change change = { .ipn = iter->ipn, .level = iter->level, .old = iter->raw };
	struct pt_entry entry = pt_iter_entry(iter);

	CORE_ASSERT(entry.kind == PT_LEAF && !iter->tree->agree);
	change.new = pt_with_attrs(iter->tree->format, iter->raw, iter->level, (entry.attrs | set) & ~clear);
	if (!sync_replace(iter->entry, &iter->raw, change.new))
		return false;
	iter->raw = change.new;
	if (iter->tree->hooks->changed)
		iter->tree->hooks->changed(iter->tree, &change);
	return true;
}

bool pt_link(struct pt_iter *iter, struct pt_table *table, enum pt_mode mode)
{
	const struct pt_format *format = iter->tree->format;
	bool splits = pt_iter_entry(iter).kind == PT_LEAF;
	uint64_t huge = iter->raw;

	table->tree = iter->tree;
	table->parent = iter->entry;
	table->ipn = iter->ipn;
	table->level = iter->level - 1;
	table->tag = iter->tree->tag;
	if (!pt_set(iter, format->table(format, table->pfn >> (format->page_shift - MMU_PAGE_SHIFT)), mode))
		return false;
	if (splits)
		pt_split_tell(iter->tree, huge, table->level + 1, table->ipn);
	if (iter->tree->hooks->linked)
		iter->tree->hooks->linked(iter->tree, table);
	return true;
}

void pt_unlink(struct pt_table *table)
{
	struct pt_iter iter = {
		.tree = table->tree,
		.entry = table->parent,
		.raw = sync_load(table->parent),
		.ipn = table->ipn,
		.level = table->level + 1,
	};

	CORE_ASSERT(pt_iter_entry(&iter).kind == PT_TABLE);
	pt_set(&iter, table->tree->format->empty, PT_EXCLUSIVE);
}
