// SPDX-License-Identifier: GPL-2.0-only
/*
 * iter.c - the pre-order walk over a range, which may let go of the lock on its way.
 *
 * After a yield nothing that the iterator knew is true any more: tables may have gone, so it starts again at the root,
 * at the place where it was.  Progress is kept by never yielding twice at one place.
 */
#include "plant.h"
#include "pt/parts.h"
#include "sync.h"

static void read_entry(struct pt_iter *iter)
{
	const struct pt_format *format = iter->tree->format;

	iter->entry = &iter->tables[iter->level][pt_index(format, iter->ipn, iter->level)];
	iter->raw = sync_load_acquire(iter->entry);
}

static void at_root(struct pt_iter *iter, uint64_t ipn)
{
	const struct pt_format *format = iter->tree->format;

	iter->level = format->levels;
	iter->tables[iter->level] = pt_entries(iter->tree->root);
	iter->ipn = pt_align(format, ipn, iter->level);
	iter->valid = true;
	read_entry(iter);
}

void pt_iter_begin(struct pt_iter *iter, struct pt_tree *tree, uint64_t start, uint64_t end, unsigned int level_min)
{
	uint64_t input_end = pt_input_end(tree->format);

	CORE_ASSERT(host_rcu_read_held());
	CORE_ASSERT(level_min >= 1);
	*iter = (struct pt_iter){
		.tree = tree,
		.start = start,
		.end = end < input_end ? end : input_end,
		.level_min = level_min,
		.yielded_at = start,
	};
	if (start < iter->end && level_min <= tree->format->levels)
		at_root(iter, start);
}

/* The entry is read again: what was a table may have been taken away since. */
static bool step_down(struct pt_iter *iter)
{
	const struct pt_format *format = iter->tree->format;
	uint64_t wanted = iter->ipn > iter->start ? iter->ipn : iter->start;
	struct pt_entry entry;

	if (iter->level == iter->level_min)
		return false;
	iter->raw = sync_load_acquire(iter->entry);
	entry = pt_iter_entry(iter);
	if (entry.kind != PT_TABLE)
		return false;
	iter->level--;
	iter->tables[iter->level] = pt_child_entries(format, entry.opn);
	iter->ipn = pt_align(format, wanted, iter->level);
	read_entry(iter);
	return true;
}

static bool step_aside(struct pt_iter *iter)
{
	const struct pt_format *format = iter->tree->format;
	uint64_t next = iter->ipn + pt_npages(format, iter->level);

	if (next >= iter->end) {
		iter->valid = false;
		return true;
	}
	if (!pt_index(format, next, iter->level))
		return false;
	iter->ipn = next;
	read_entry(iter);
	return true;
}

static bool step_up(struct pt_iter *iter)
{
	if (iter->level == iter->tree->format->levels)
		return false;
	iter->level++;
	iter->ipn = pt_align(iter->tree->format, iter->ipn, iter->level);
	return true;
}

void pt_iter_next(struct pt_iter *iter)
{
	if (iter->restart) {
		iter->restart = false;
		at_root(iter, iter->start);
		return;
	}
	if (step_down(iter))
		return;
	do {
		if (step_aside(iter))
			return;
	} while (step_up(iter));
	iter->valid = false;
}

bool pt_iter_yield(struct pt_iter *iter, enum pt_mode mode, bool *flush)
{
	const struct pt_hooks *hooks = iter->tree->hooks;
	uint64_t here = iter->ipn > iter->start ? iter->ipn : iter->start;

	if (here == iter->yielded_at || !hooks->wants_yield || !hooks->wants_yield(iter->tree))
		return false;
	if (*flush && hooks->flush && !planted(M_2))
		hooks->flush(iter->tree, 0, pt_input_end(iter->tree->format));
	*flush = false;
	hooks->yield(iter->tree, mode);
	iter->start = here;
	iter->yielded_at = here;
	iter->restart = true;
	return true;
}

struct pt_entry pt_lookup(struct pt_tree *tree, uint64_t ipn, struct pt_iter *iter)
{
	struct pt_entry entry = { .kind = PT_EMPTY };

	pt_for_each(iter, tree, ipn, ipn + 1, 1)
	{
		entry = pt_iter_entry(iter);
		if (entry.kind != PT_TABLE)
			break;
	}
	return entry;
}
