// SPDX-License-Identifier: GPL-2.0-only
/*
 * range.c - what is done to all leafs of a range: taken away, protected, aged.
 *
 * A leaf that overlaps the range is taken as a whole: part of a huge page cannot go.  Attributes are changed by
 * compare-and-exchange even in EXCLUSIVE mode, so that a bit which hardware sets at that moment is not lost.
 */
#include "plant.h"
#include "pt/parts.h"

bool pt_unmap(struct pt_tree *tree, uint64_t start, uint64_t end, bool (*wanted)(const struct pt_entry *leaf),
	      bool may_yield, bool flush)
{
	const struct pt_format *format = tree->format;
	struct pt_iter iter;

	pt_for_each(&iter, tree, start, end, 1)
	{
		struct pt_entry entry;

		if (may_yield && pt_iter_yield(&iter, PT_EXCLUSIVE, &flush))
			continue;
		entry = pt_iter_entry(&iter);
		if (entry.kind != PT_LEAF || (wanted && !wanted(&entry)))
			continue;
		if (planted(M_35) && (iter.ipn < start || end - iter.ipn < pt_npages(format, iter.level)))
			continue;
		pt_set(&iter, format->empty, PT_EXCLUSIVE);
		flush = true;
	}
	return flush;
}

void pt_clear(struct pt_tree *tree, unsigned int level_min, enum pt_mode mode)
{
	const struct pt_format *format = tree->format;
	struct pt_iter iter;
	bool flush = false;

	pt_for_each(&iter, tree, 0, pt_input_end(format), level_min)
	{
		if (pt_iter_yield(&iter, mode, &flush))
			continue;
		/* In SHARED mode another one may have frozen it, and will leave it empty. */
		while (iter.raw != format->empty && iter.raw != format->frozen &&
		       (iter.level == level_min || pt_iter_entry(&iter).kind == PT_LEAF)) {
			if (pt_set(&iter, format->empty, mode))
				break;
		}
	}
}

bool pt_protect(struct pt_tree *tree, uint64_t start, uint64_t end, struct pt_protection clear, enum pt_mode mode)
{
	struct pt_iter iter;
	bool flush = false, changed = false;

	pt_for_each(&iter, tree, start, end, clear.small ? 1 : 2)
	{
		unsigned int attrs = iter.level == 1 ? clear.small : clear.large;
		struct pt_entry entry;

		if (pt_iter_yield(&iter, mode, &flush))
			continue;
		while ((entry = pt_iter_entry(&iter)).kind == PT_LEAF && (entry.attrs & attrs)) {
			if (!pt_try_change(&iter, 0, attrs))
				continue;
			flush = true;
			changed = true;
		}
	}
	return changed;
}

bool pt_age(struct pt_tree *tree, uint64_t start, uint64_t end, bool (*wanted)(const struct pt_entry *leaf), bool clear)
{
	struct pt_iter iter;
	bool young = false;

	pt_for_each(&iter, tree, start, end, 1)
	{
		struct pt_entry entry;

		while ((entry = pt_iter_entry(&iter)).kind == PT_LEAF && (entry.attrs & PT_ACCESSED) &&
		       (!wanted || wanted(&entry))) {
			young = true;
			if (!clear || pt_try_change(&iter, 0, PT_ACCESSED))
				break;
		}
		if (young && !clear)
			break;
	}
	return young;
}
