// SPDX-License-Identifier: GPL-2.0-only
/*
 * leafs.c - what is mapped on both sides, gfn by gfn, whatever the sizes of the leafs.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "harness/compare/compare_parts.h"

/* Where one side has got to, in gfns of address spaces. */
struct cursor {
	const struct list *list;
	size_t at;
	uint64_t done; /* pages of the leaf at @at */
};

static uint64_t place(const struct cursor *cursor)
{
	const struct seen *leaf;

	if (cursor->at == cursor->list->count)
		return UINT64_MAX;
	leaf = &cursor->list->seen[cursor->at];
	return (uint64_t)leaf->a << 60 | (leaf->c + cursor->done);
}

static const struct seen *leaf_of(const struct cursor *cursor)
{
	return &cursor->list->seen[cursor->at];
}

static uint64_t left_of(const struct cursor *cursor)
{
	return leaf_of(cursor)->d - cursor->done;
}

static void advance(struct cursor *cursor, uint64_t npages)
{
	cursor->done += npages;
	if (cursor->done < leaf_of(cursor)->d)
		return;
	cursor->at++;
	cursor->done = 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Has the side that has none there made a leaf of another size in the same frame, or a part of one? */
static bool is_split_there(const struct seen *leaf, const struct cursor *other)
{
	for (size_t at = other->at ? other->at - 1 : 0; at < other->list->count && at <= other->at; at++) {
		const struct seen *there = &other->list->seen[at];

		if (there->a == leaf->a && there->c < leaf->c + leaf->d && leaf->c < there->c + there->d)
			return true;
	}
	return false;
}

/*
 * While an invalidation is open, KVM maps a large leaf across what is beside it, and may have split it by now: then
 * pages of that frame are mapped that nobody has asked for.
 */
static bool is_beside_window(const struct comparing *comparing, const struct seen *leaf, const struct cursor *other)
{
	uint64_t frame = leaf->c / mmu_level_npages(MMU_LEVEL_2M);

	if (!comparing->windows_open)
		return false;
	for (size_t at = other->at ? other->at - 1 : 0; at < other->list->count && at <= other->at; at++) {
		const struct seen *there = &other->list->seen[at];

		if (there->a == leaf->a && there->c / mmu_level_npages(MMU_LEVEL_2M) == frame)
			return true;
	}
	return false;
}

static bool was_larger_there(const struct comparing *comparing, const struct seen *leaf, bool on_left)
{
	uint64_t start = (uint64_t)leaf->a << 60 | leaf->c;

	for (size_t i = 0; i < comparing->resized_before.count; i++) {
		const struct hole *resized = &comparing->resized_before.hole[i];

		if (resized->on_left != on_left && resized->place < start + leaf->d &&
		    start < resized->place + resized->npages)
			return true;
	}
	return false;
}

/* Pages of @list that lie in the frame of @npages around @leaf; @alike: only those of one piece of memory with it. */
static uint64_t pages_in_frame(const struct list *list, const struct seen *leaf, uint64_t npages, bool alike)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct seen *there = &list->seen[i];

		if (there->a == leaf->a && there->d < npages && there->c / npages == leaf->c / npages &&
		    (!alike || there->e - there->c == leaf->e - leaf->c))
			pages += there->d;
	}
	return pages;
}

/* A whole frame on the side that has it, by smaller leafs, and a part of it on the other: what a fault has wanted. */
static bool is_split_by_fault(const struct seen *leaf, const struct cursor *own, const struct cursor *other)
{
	uint64_t npages = leaf->d * mmu_level_npages(MMU_LEVEL_2M);

	return pages_in_frame(own->list, leaf, npages, true) == npages &&
	       pages_in_frame(other->list, leaf, npages, false);
}

static bool has_note(const struct list *notes, const struct seen *leaf)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (notes->seen[i].a == leaf->a && notes->seen[i].c - leaf->c < leaf->d)
			return true;
	}
	return false;
}

static enum difference of_sizes(const struct comparing *comparing, const struct seen *leaf, const struct cursor *other,
				bool on_left)
{
	return is_split_there(leaf, other) || is_beside_window(comparing, leaf, other) ||
			       was_larger_there(comparing, leaf, on_left)
		       ? DIFFERENCE_LEVEL
		       : DIFFERENCE_MAPPED;
}

/*
 * What one core alone zaps or leaves alone, and may: memory of the other kind, where an event is about one kind; other
 * slots than the one that goes; leafs that logging had made small, when it ends, and of which the other core, that has
 * made them anew, knows that they wait to be recovered; what a move that is then refused had begun to take away; the
 * rest of a frame that it maps by smaller leafs, and of one that it had mapped by a larger leaf, which goes as a whole.
 */
static enum difference reason_of(const struct comparing *comparing, const struct cursor *own,
				 const struct cursor *other, bool on_left)
{
	const struct seen *leaf = leaf_of(own);

	if (leaf->b & SEEN_PRIVATE)
		return DIFFERENCE_PRIVATE;
	if ((leaf->a || comparing->smi_met) && has_note(comparing->notes[on_left], leaf) &&
	    compare_is_peculiar(comparing->comparison, DIFFERENCE_MMIO_INFO))
		return DIFFERENCE_MMIO_INFO;
	switch (comparing->op->b) {
	case OP_attributes_set:
	case OP_gmem_fallocate:
	case OP_gmem_error:
	case OP_gmem_close:
		return DIFFERENCE_PRIVATE;
	case OP_slot_flags:
	case OP_nx_recover:
		return DIFFERENCE_LEVEL;
	case OP_slot_delete:
		return DIFFERENCE_ALL_ZAPPED;
	case OP_slot_move:
	case OP_slot_set:
	case OP_slot_set_v1:
	case OP_uapi:
		return (int64_t)comparing->op->c < 0 ? DIFFERENCE_REFUSED_MOVE : DIFFERENCE_ALL_ZAPPED;
	case OP_access:
	case OP_edges:
		if (comparing->windows_open && compare_is_peculiar(comparing->comparison, DIFFERENCE_WINDOW_BY_HVA))
			return DIFFERENCE_WINDOW_BY_HVA;
		if (compare_is_peculiar(comparing->comparison, DIFFERENCE_SPLIT_ZAPPED) &&
		    is_split_by_fault(leaf, own, other))
			return DIFFERENCE_SPLIT_ZAPPED;
		return of_sizes(comparing, leaf, other, on_left);
	default:
		return of_sizes(comparing, leaf, other, on_left);
	}
}

static void add_hole(struct holes *holes, const struct hole *hole)
{
	if (holes->count == holes->room) {
		holes->room = holes->room ? 2 * holes->room : 64;
		holes->hole = realloc(holes->hole, holes->room * sizeof(*holes->hole));
		HOST_ASSERT(holes->hole);
	}
	holes->hole[holes->count++] = *hole;
}

/* Up to @npages from @place that all were a hole before (then why), or all were not. */
static uint64_t same_history(const struct holes *before, uint64_t place, uint64_t npages, bool on_left,
			     enum difference *reason)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct hole *hole = &before->hole[i];
		uint64_t end = hole->place + hole->npages;

		if (hole->on_left != on_left || end <= place || hole->place >= place + npages)
			continue;
		if (hole->place > place) {
			npages = hole->place - place;
			continue;
		}
		*reason = hole->reason;
		return least(npages, end - place);
	}
	return npages;
}

/* A hole that was there before is what it was; only what is new has come of this operation. */
static void one_sided(struct comparing *comparing, const struct cursor *cursor, const struct cursor *other,
		      uint64_t npages, bool on_left)
{
	const struct comparison *comparison = comparing->comparison;
	const struct seen *leaf = leaf_of(cursor);
	uint64_t at = place(cursor), end = at + npages;
	char what[160];

	while (at < end) {
		struct hole hole = { .place = at, .on_left = on_left };

		hole.reason = reason_of(comparing, cursor, other, on_left);
		hole.npages = same_history(&comparing->before, at, end - at, on_left, &hole.reason);
		add_hole(&comparing->now, &hole);
		snprintf(what, sizeof(what), "as %u, gfn %#" PRIx64 ", %" PRIu64 " pages: mapped on %s only", leaf->a,
			 leaf->c + cursor->done + (at - place(cursor)), hole.npages,
			 on_left ? comparison->left_name : comparison->right_name);
		compare_differ(comparing->comparison, hole.reason, hole.npages, what);
		at += hole.npages;
	}
}

/* The larger leaf is not executable: so the NX mitigation wants it.  They differ in levels only. */
static bool is_of_nx(const struct seen *a, const struct seen *b)
{
	const struct seen *larger = a->b >> SEEN_LEVEL_SHIFT > b->b >> SEEN_LEVEL_SHIFT ? a : b;

	return ((a->b ^ b->b) & (SEEN_READ | SEEN_MAY_WRITE | SEEN_EXEC)) == SEEN_EXEC && !(larger->b & SEEN_EXEC) &&
	       a->b >> SEEN_LEVEL_SHIFT != b->b >> SEEN_LEVEL_SHIFT;
}

/*
 * A logged leaf of 2M or more is made small before it is written, whether it says so or not: KVM takes the leave to be
 * made writable from such a leaf when a bit of its log is cleared, not when logging begins.
 */
static bool is_of_log(const struct seen *a, const struct seen *b)
{
	return !((a->b ^ b->b) & (SEEN_READ | SEEN_EXEC)) && !((a->b | b->b) & SEEN_WRITE) && a->d > 1 && b->d > 1;
}

static void note_sizes(struct comparing *comparing, const struct cursor *left, const struct cursor *right,
		       uint64_t npages)
{
	uint64_t a = leaf_of(left)->b >> SEEN_LEVEL_SHIFT, b = leaf_of(right)->b >> SEEN_LEVEL_SHIFT;

	if (a != b)
		add_hole(&comparing->resized, &(struct hole){ place(left), npages, a > b, DIFFERENCE_LEVEL });
}

/* By this operation, or before and still so. */
static bool is_of_prefault(struct comparing *comparing, uint64_t at, uint64_t npages, uint64_t toggled)
{
	uint64_t op = comparing->op->b;
	enum difference reason = DIFFERENCE_PERMISSIONS;

	if (!compare_is_peculiar(comparing->comparison, DIFFERENCE_PREFAULT) || !(toggled & SEEN_MAY_WRITE) ||
	    (toggled & (SEEN_READ | SEEN_EXEC)))
		return false;
	same_history(&comparing->given_before, at, npages, true, &reason);
	if (reason != DIFFERENCE_PREFAULT && op != OP_prefault && op != OP_uapi)
		return false;
	add_hole(&comparing->given, &(struct hole){ at, npages, true, DIFFERENCE_PREFAULT });
	return true;
}

static void both_sided(struct comparing *comparing, const struct cursor *left, const struct cursor *right,
		       uint64_t npages)
{
	const struct seen *a = leaf_of(left), *b = leaf_of(right);
	struct comparison *comparison = comparing->comparison;
	uint64_t toggled = a->b ^ b->b;
	char what[192];

	snprintf(what, sizeof(what),
		 "as %u, gfn %#" PRIx64 ", %" PRIu64 " pages: bits %#" PRIx64 " and %#" PRIx64 ", page %#" PRIx64
		 " and %#" PRIx64,
		 a->a, a->c + left->done, npages, a->b, b->b, a->e + left->done, b->e + right->done);
	note_sizes(comparing, left, right, npages);
	if (a->e + left->done != b->e + right->done || (toggled & SEEN_PRIVATE))
		compare_differ(comparison, DIFFERENCE_PAGE, npages, what);
	else if ((a->b | b->b) & SEEN_TRACKED)
		compare_differ(comparison, DIFFERENCE_TRACKED, toggled ? npages : 0, what);
	else if (is_of_prefault(comparing, place(left), npages, toggled))
		compare_differ(comparison, DIFFERENCE_PREFAULT, npages, what);
	else if (is_of_nx(a, b))
		compare_differ(comparison, DIFFERENCE_LEVEL, npages, what);
	else if ((toggled & SEEN_MAY_WRITE) && is_of_log(a, b))
		compare_differ(comparison, DIFFERENCE_MORE_DIRTY, npages, what);
	else if (comparing->window_met && !(toggled & (SEEN_READ | SEEN_EXEC)) && (toggled & SEEN_MAY_WRITE) &&
		 compare_is_peculiar(comparison, DIFFERENCE_WINDOW_BY_HVA))
		compare_differ(comparison, DIFFERENCE_WINDOW_BY_HVA, npages, what);
	else if (toggled & (SEEN_READ | SEEN_MAY_WRITE | SEEN_EXEC))
		compare_differ(comparison, DIFFERENCE_PERMISSIONS, npages, what);
	else if (toggled & SEEN_WRITE)
		compare_differ(comparison, DIFFERENCE_MORE_DIRTY, npages, what);
	else if (toggled >> SEEN_LEVEL_SHIFT)
		compare_differ(comparison, DIFFERENCE_LEVEL, npages, what);
}

static void next_op(struct holes *before, struct holes *now)
{
	struct holes old = *before;

	*before = *now;
	*now = old;
	now->count = 0;
}

void compare_leafs(struct comparing *comparing, const struct list *left, const struct list *right)
{
	struct cursor a = { .list = left }, b = { .list = right };

	next_op(&comparing->before, &comparing->now);
	next_op(&comparing->given_before, &comparing->given);
	next_op(&comparing->resized_before, &comparing->resized);
	while (place(&a) != UINT64_MAX || place(&b) != UINT64_MAX) {
		uint64_t npages;

		if (place(&a) < place(&b)) {
			npages = least(left_of(&a), place(&b) - place(&a));
			one_sided(comparing, &a, &b, npages, true);
			advance(&a, npages);
		} else if (place(&b) < place(&a)) {
			npages = least(left_of(&b), place(&a) - place(&b));
			one_sided(comparing, &b, &a, npages, false);
			advance(&b, npages);
		} else {
			npages = least(left_of(&a), left_of(&b));
			both_sided(comparing, &a, &b, npages);
			advance(&a, npages);
			advance(&b, npages);
		}
	}
}
