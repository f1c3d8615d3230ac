// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare.c - two streams of what was seen, operation by operation.
 *
 * A difference goes on until something ends it; it is counted after the operation that made it, or made it larger.
 */
#include "harness/compare/compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What has been seen after one operation, by kind. */
struct list {
	struct seen *seen;
	size_t count, room;
};

struct state {
	struct list list[SEEN_KINDS];
	struct seen op;
};

static const struct {
	const char *name, *meaning;
} names[DIFFERENCES] = {
	[DIFFERENCE_LENGTH] = { "length",
				"one of the two ends early: it has crashed, or found something (mmutorture run)" },
	[DIFFERENCE_RESULT] = { "result", "an operation returns something else; spec.md 8 says what is right" },
	[DIFFERENCE_SLOTS] = { "slots", "the slots are others; spec.md O-10" },
	[DIFFERENCE_PAGE] = { "page", "a gfn leads to another page; spec.md I-Z1 says which is right" },
	[DIFFERENCE_PERMISSIONS] = { "permissions", "a page may be used otherwise; spec.md 7.1" },
	[DIFFERENCE_MAPPED] = { "mapped", "a page is mapped in one of them only: zapped too much, or too little" },
	[DIFFERENCE_COUNTER] = { "counter", "a counter differs; spec.md 7.4, 7.13" },
	[DIFFERENCE_PRIVATE_ZAPPED] = { "D-a", "private memory zapped by an event about shared memory, or not" },
	[DIFFERENCE_LEVEL] = { "D-c", "the same pages by leafs of other sizes, or zapped to become so" },
	[DIFFERENCE_TRACKED] = { "tracked", "a leaf that shows no permissions until it is accessed; spec.md I-S10" },
	[DIFFERENCE_MORE_DIRTY] = { "D-f", "a page of a logged slot reported, or writable, before it was written" },
};

const char *difference_name(enum difference difference)
{
	return names[difference].name;
}

const char *difference_meaning(enum difference difference)
{
	return names[difference].meaning;
}

bool compare_differs(const struct comparison *comparison)
{
	for (unsigned int i = 0; i < DIFFERENCE_FIRST_EXPECTED; i++) {
		if (comparison->count[i])
			return true;
	}
	return false;
}

/* --------------------------------------------------------------------------------------------------------- reading */

static void append(struct list *list, const struct seen *seen)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 256;
		list->seen = realloc(list->seen, list->room * sizeof(*list->seen));
		HOST_ASSERT(list->seen);
	}
	list->seen[list->count++] = *seen;
}

static bool read_state(struct state *state, FILE *stream)
{
	struct seen seen;

	for (unsigned int i = 0; i < SEEN_KINDS; i++)
		state->list[i].count = 0;
	while (fread(&seen, sizeof(seen), 1, stream) == 1 && seen.kind < SEEN_KINDS) {
		if (seen.kind != SEEN_OP) {
			append(&state->list[seen.kind], &seen);
			continue;
		}
		state->op = seen;
		return true;
	}
	return false;
}

static void free_state(struct state *state)
{
	for (unsigned int i = 0; i < SEEN_KINDS; i++)
		free(state->list[i].seen);
}

/* ------------------------------------------------------------------------------------------------------- comparing */

static void differ(struct comparison *comparison, enum difference difference, uint64_t size, const char *what)
{
	comparison->size[difference] += size;
	if (size && !*comparison->first[difference])
		snprintf(comparison->first[difference], sizeof(comparison->first[0]), "%s", what);
}

static void compare_results(struct comparison *comparison, const struct seen *left, const struct seen *right)
{
	int64_t a = (int64_t)left->c, b = (int64_t)right->c;
	/* How many, or which number: the core's own business.  So is having something that shrinks (core.h). */
	bool own = left->b == OP_gmem_create || left->b == OP_ring_collect || left->b == OP_fault;
	bool free = (a >= 0 && b >= 0 && own) || left->b == OP_shrink;
	char what[128];

	if (a == b || free)
		return;
	snprintf(what, sizeof(what), "%" PRIi64 " and %" PRIi64, a, b);
	differ(comparison, DIFFERENCE_RESULT, 1, what);
}

static int by_slot(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;

	return a->a != b->a ? (a->a < b->a ? -1 : 1) : (a->c > b->c) - (a->c < b->c);
}

static bool same(const struct seen *a, const struct seen *b)
{
	return a->a == b->a && a->b == b->b && a->c == b->c && a->d == b->d && a->e == b->e;
}

static void compare_lists(struct comparison *comparison, struct list *left, struct list *right,
			  enum difference difference)
{
	size_t shorter = left->count < right->count ? left->count : right->count;
	char what[192];

	if (left->count)
		qsort(left->seen, left->count, sizeof(*left->seen), by_slot);
	if (right->count)
		qsort(right->seen, right->count, sizeof(*right->seen), by_slot);
	for (size_t i = 0; i < shorter; i++) {
		const struct seen *a = &left->seen[i], *b = &right->seen[i];

		if (same(a, b))
			continue;
		snprintf(what, sizeof(what), "%#x: %" PRIi64 " and %#x: %" PRIi64, a->a, (int64_t)a->c, b->a,
			 (int64_t)b->c);
		differ(comparison, difference, 1, what);
		return;
	}
	snprintf(what, sizeof(what), "%zu and %zu", left->count, right->count);
	if (left->count != right->count)
		differ(comparison, difference, 1, what);
}

/* ----------------------------------------------------------------------------------------------------------- leafs */

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

static void one_sided(struct comparison *comparison, const struct cursor *cursor, uint64_t npages, bool is_left)
{
	const struct seen *leaf = leaf_of(cursor);
	bool private = leaf->b & SEEN_PRIVATE;
	char what[160];

	snprintf(what, sizeof(what), "as %u, gfn %#" PRIx64 ", %" PRIu64 " pages: mapped on %s only", leaf->a,
		 leaf->c + cursor->done, npages, is_left ? comparison->left_name : comparison->right_name);
	differ(comparison, private ? DIFFERENCE_PRIVATE_ZAPPED : DIFFERENCE_MAPPED, npages, what);
}

static void both_sided(struct comparison *comparison, const struct cursor *left, const struct cursor *right,
		       uint64_t npages)
{
	const struct seen *a = leaf_of(left), *b = leaf_of(right);
	uint64_t toggled = a->b ^ b->b;
	char what[192];

	snprintf(what, sizeof(what),
		 "as %u, gfn %#" PRIx64 ", %" PRIu64 " pages: bits %#" PRIx64 " and %#" PRIx64 ", page %#" PRIx64
		 " and %#" PRIx64,
		 a->a, a->c + left->done, npages, a->b, b->b, a->e + left->done, b->e + right->done);
	if (a->e + left->done != b->e + right->done || (toggled & SEEN_PRIVATE))
		differ(comparison, DIFFERENCE_PAGE, npages, what);
	else if ((a->b | b->b) & SEEN_TRACKED)
		differ(comparison, DIFFERENCE_TRACKED, toggled ? npages : 0, what);
	else if (toggled & (SEEN_READ | SEEN_MAY_WRITE | SEEN_EXEC))
		differ(comparison, DIFFERENCE_PERMISSIONS, npages, what);
	else if (toggled & SEEN_WRITE)
		differ(comparison, DIFFERENCE_MORE_DIRTY, npages, what);
	else if (toggled >> SEEN_LEVEL_SHIFT)
		differ(comparison, DIFFERENCE_LEVEL, npages, what);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void compare_leafs(struct comparison *comparison, const struct list *left, const struct list *right)
{
	struct cursor a = { .list = left }, b = { .list = right };

	while (place(&a) != UINT64_MAX || place(&b) != UINT64_MAX) {
		uint64_t npages;

		if (place(&a) < place(&b)) {
			npages = least(left_of(&a), place(&b) - place(&a));
			one_sided(comparison, &a, npages, true);
			advance(&a, npages);
		} else if (place(&b) < place(&a)) {
			npages = least(left_of(&b), place(&a) - place(&b));
			one_sided(comparison, &b, npages, false);
			advance(&b, npages);
		} else {
			npages = least(left_of(&a), left_of(&b));
			both_sided(comparison, &a, &b, npages);
			advance(&a, npages);
			advance(&b, npages);
		}
	}
}

/* ------------------------------------------------------------------------------------------------------------- all */

/*
 * What one core alone zaps, and may: memory of the other kind, where an event is about one kind; leafs that logging had
 * made small, when it ends; and what a move that is then refused had begun to take away (spec.md 11, I-L7).
 */
static enum difference reason_of(enum difference difference, const struct seen *op)
{
	if (difference != DIFFERENCE_MAPPED)
		return difference;
	switch (op->b) {
	case OP_attributes_set:
	case OP_gmem_fallocate:
	case OP_gmem_error:
	case OP_gmem_close:
		return DIFFERENCE_PRIVATE_ZAPPED;
	case OP_slot_flags:
		return DIFFERENCE_LEVEL;
	case OP_slot_move:
		return (int64_t)op->c < 0 ? DIFFERENCE_LEVEL : difference;
	default:
		return difference;
	}
}

static void close_op(struct comparison *comparison, const struct seen *op, char before[DIFFERENCES])
{
	for (unsigned int i = 0; i < DIFFERENCES; i++) {
		char what[sizeof(comparison->first[0])];

		enum difference reason = reason_of(i, op);

		if (comparison->size[i] > comparison->last_size[i])
			comparison->count[reason]++;
		comparison->last_size[i] = comparison->size[i];
		comparison->size[i] = 0;
		if (before[i] || !*comparison->first[i])
			continue;
		memcpy(what, comparison->first[i], sizeof(what));
		if (reason != i)
			*comparison->first[i] = 0;
		if (reason != i && *comparison->first[reason])
			continue;
		snprintf(comparison->first[reason], sizeof(comparison->first[i]), "operation %u, %s: %.200s", op->a,
			 op_rows[op->b].name, what);
		before[reason] = 1;
	}
}

static void compare_states(struct comparison *comparison, struct state *left, struct state *right)
{
	char before[DIFFERENCES];

	for (unsigned int i = 0; i < DIFFERENCES; i++)
		before[i] = *comparison->first[i] != 0;
	compare_results(comparison, &left->op, &right->op);
	compare_lists(comparison, &left->list[SEEN_SLOT], &right->list[SEEN_SLOT], DIFFERENCE_SLOTS);
	compare_lists(comparison, &left->list[SEEN_DIRTY], &right->list[SEEN_DIRTY], DIFFERENCE_MORE_DIRTY);
	compare_lists(comparison, &left->list[SEEN_COUNTER], &right->list[SEEN_COUNTER], DIFFERENCE_COUNTER);
	compare_leafs(comparison, &left->list[SEEN_LEAF], &right->list[SEEN_LEAF]);
	close_op(comparison, &left->op, before);
}

void compare_streams(struct comparison *comparison, FILE *left, FILE *right)
{
	struct state a = { 0 }, b = { 0 };

	for (;;) {
		bool more_left = read_state(&a, left), more_right = read_state(&b, right);

		if (!more_left || !more_right) {
			if (more_left != more_right) {
				comparison->count[DIFFERENCE_LENGTH]++;
				snprintf(comparison->first[DIFFERENCE_LENGTH], sizeof(comparison->first[0]),
					 "%s ends after %" PRIu64 " operations",
					 more_left ? comparison->right_name : comparison->left_name, comparison->ops);
			}
			break;
		}
		compare_states(comparison, &a, &b);
		comparison->ops++;
	}
	free_state(&a);
	free_state(&b);
}
