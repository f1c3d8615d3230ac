// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare.c - two streams of what was seen, operation by operation.
 *
 * A difference goes on until something ends it; it is counted after the operation that made it, or made it larger.
 */
#include "harness/compare/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/compare/compare_parts.h"

struct state {
	struct list list[SEEN_KINDS];
	struct seen op;
};

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

void compare_differ(struct comparison *comparison, enum difference difference, uint64_t size, const char *what)
{
	comparison->size[difference] += size;
	if (size && !*comparison->first[difference])
		snprintf(comparison->first[difference], sizeof(comparison->first[0]), "%s", what);
}

static bool has_private(const struct list *leafs)
{
	for (size_t i = 0; i < leafs->count; i++) {
		if (leafs->seen[i].b & SEEN_PRIVATE)
			return true;
	}
	return false;
}

/* The guest is entered. */
static bool is_entry(const struct seen *op)
{
	return op->b == OP_access || op->b == OP_edges || op->b == OP_rsm;
}

/* What comes of it may depend on whether the process has a page there: by now nobody, or who has a poisoned one. */
static bool is_of_host_page(const struct seen *op, int64_t a, int64_t b)
{
	if (is_entry(op))
		return a == -EINTR || b == -EINTR;
	return op->b == OP_host_age ||
	       ((a == -ENOENT || b == -ENOENT) && (op->b == OP_host_split || op->b == OP_host_collapse ||
						   op->b == OP_host_migrate || op->b == OP_host_poison));
}

/*
 * Both have refused, and were held to refusals.def as they ran: the errno is one of several.  The process's memory is
 * young, says one that looks at private pages, too; or one where a CPU has looked at the entry again, because it was
 * flushed or had to ask for leave to write.
 */
static enum difference kind_of_result(const struct comparing *comparing, const struct state *left,
				      const struct state *right)
{
	const struct comparison *comparison = comparing->comparison;
	int64_t a = (int64_t)left->op.c, b = (int64_t)right->op.c;
	const struct state *young = a > 0 ? left : right;

	if (a < 0 && b < 0)
		return DIFFERENCE_ERRNO;
	/* Everything else that is refused, or not, by one alone is a finding on one side. */
	if (left->op.b == OP_slot_set && (a == -EINVAL || b == -EINVAL) &&
	    compare_is_peculiar(comparison, DIFFERENCE_GMEM_END))
		return DIFFERENCE_GMEM_END;
	if (is_entry(&left->op) && (a == -ENOSPC || b == -ENOSPC))
		return DIFFERENCE_NO_ROOM;
	if ((a == -EIO || b == -EIO) && compare_is_peculiar(comparison, DIFFERENCE_SMM))
		return DIFFERENCE_SMM;
	if (left->op.b == OP_vcpu_create && compare_is_peculiar(comparison, DIFFERENCE_VCPU_ID))
		return DIFFERENCE_VCPU_ID;
	if (comparing->window_met && compare_is_peculiar(comparison, DIFFERENCE_WINDOW_BY_HVA) &&
	    is_of_host_page(&left->op, a, b))
		return DIFFERENCE_WINDOW_BY_HVA;
	if (left->op.b == OP_host_age && a >= 0 && b >= 0 && has_private(&young->list[SEEN_LEAF]))
		return DIFFERENCE_PRIVATE;
	if (left->op.b == OP_host_age && a >= 0 && b >= 0 &&
	    (comparison->count[DIFFERENCE_FLUSHES] || comparison->count[DIFFERENCE_MORE_DIRTY]))
		return DIFFERENCE_FLUSHES;
	return DIFFERENCE_RESULT;
}

static void compare_results(const struct comparing *comparing, const struct state *left_state,
			    const struct state *right_state)
{
	const struct seen *left = &left_state->op, *right = &right_state->op;
	int64_t a = (int64_t)left->c, b = (int64_t)right->c;
	/* How many, or which number: the core's own business.  So is having something that shrinks (core.h). */
	bool own = left->b == OP_gmem_create || left->b == OP_ring_collect || left->b == OP_fault;
	bool free = (a >= 0 && b >= 0 && own) || left->b == OP_shrink;
	char what[128];

	if (a == b || free)
		return;
	snprintf(what, sizeof(what), "%" PRIi64 " and %" PRIi64, a, b);
	compare_differ(comparing->comparison, kind_of_result(comparing, left_state, right_state), 1, what);
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

/* A counter that one of the kernels does not have. */
static bool is_absent(const struct seen *a, const struct seen *b)
{
	return a->kind == SEEN_COUNTER && a->a == b->a &&
	       ((int64_t)a->c == MMU_COUNTER_ABSENT || (int64_t)b->c == MMU_COUNTER_ABSENT);
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

		if (same(a, b) || is_absent(a, b))
			continue;
		snprintf(what, sizeof(what), "%#x: %" PRIi64 " and %#x: %" PRIi64, a->a, (int64_t)a->c, b->a,
			 (int64_t)b->c);
		compare_differ(comparison, difference, 1, what);
		return;
	}
	snprintf(what, sizeof(what), "%zu and %zu", left->count, right->count);
	if (left->count != right->count)
		compare_differ(comparison, difference, 1, what);
}

/* ------------------------------------------------------------------------------------------------------------- all */

static void close_op(struct comparison *comparison, const struct seen *op, const bool told[DIFFERENCES])
{
	for (unsigned int i = 0; i < DIFFERENCES; i++) {
		char what[sizeof(comparison->first[0])];

		if (comparison->size[i] > comparison->last_size[i])
			comparison->count[i]++;
		comparison->last_size[i] = comparison->size[i];
		comparison->size[i] = 0;
		if (told[i] || !*comparison->first[i])
			continue;
		comparison->first_op[i] = op->a;
		comparison->first_code[i] = (uint8_t)op->b;
		memcpy(what, comparison->first[i], sizeof(what));
		snprintf(comparison->first[i], sizeof(comparison->first[i]), "operation %u, %s: %.200s", op->a,
			 op_rows[op->b].name, what);
	}
}

static bool is_counted(const struct list *counters, enum mmu_counter counter)
{
	for (size_t i = 0; i < counters->count; i++) {
		if (counters->seen[i].a == counter)
			return counters->seen[i].c;
	}
	return false;
}

/* From here on the two have not gone through the same. */
static bool is_over(const uint64_t seen[DIFFERENCES])
{
	return seen[DIFFERENCE_GMEM_END] || seen[DIFFERENCE_RING_OVERRUN] || seen[DIFFERENCE_SMM] ||
	       seen[DIFFERENCE_VCPU_ID] || seen[DIFFERENCE_MMIO_INFO] || seen[DIFFERENCE_NO_ROOM];
}

static const enum difference difference_of[SEEN_KINDS] = {
	[SEEN_SLOT] = DIFFERENCE_SLOTS,      [SEEN_DIRTY] = DIFFERENCE_MORE_DIRTY,
	[SEEN_COUNTER] = DIFFERENCE_COUNTER, [SEEN_NOTE] = DIFFERENCE_MMIO,
	[SEEN_FLUSHES] = DIFFERENCE_FLUSHES, [SEEN_LEAFS_COUNTED] = DIFFERENCE_LEAFS_COUNTED,
};

static void compare_states(struct comparing *comparing, struct state *left, struct state *right)
{
	struct comparison *comparison = comparing->comparison;
	bool told[DIFFERENCES];

	for (unsigned int i = 0; i < DIFFERENCES; i++)
		told[i] = *comparison->first[i];
	comparing->op = &left->op;
	comparing->windows_open = is_counted(&left->list[SEEN_COUNTER], MMU_COUNTER_INVALIDATE_IN_PROGRESS);
	comparing->smi_met |= left->op.b == OP_smi || left->op.b == OP_uapi;
	comparing->window_met |= comparing->windows_open && is_entry(&left->op);
	if (left->list[SEEN_OVERRUN].count || right->list[SEEN_OVERRUN].count)
		compare_differ(comparison, DIFFERENCE_RING_OVERRUN, 1,
			       "entries that nobody has collected are overwritten");
	else
		compare_results(comparing, left, right);
	if (is_over(comparison->size)) {
		close_op(comparison, &left->op, told);
		return;
	}
	for (unsigned int i = 0; i < SEEN_KINDS; i++) {
		if (i != SEEN_OP && i != SEEN_LEAF)
			compare_lists(comparison, &left->list[i], &right->list[i], difference_of[i]);
	}
	comparing->notes[0] = &left->list[SEEN_NOTE];
	comparing->notes[1] = &right->list[SEEN_NOTE];
	compare_leafs(comparing, &left->list[SEEN_LEAF], &right->list[SEEN_LEAF]);
	close_op(comparison, &left->op, told);
}

static void ends_early(struct comparison *comparison, bool more_left)
{
	comparison->count[DIFFERENCE_LENGTH]++;
	comparison->first_op[DIFFERENCE_LENGTH] = (uint32_t)comparison->ops;
	snprintf(comparison->first[DIFFERENCE_LENGTH], sizeof(comparison->first[0]),
		 "%s ends after %" PRIu64 " operations", more_left ? comparison->right_name : comparison->left_name,
		 comparison->ops);
}

/* Who writes is not to be stopped by a pipe that nobody reads. */
static void drain(FILE *stream)
{
	struct seen seen;

	while (fread(&seen, sizeof(seen), 1, stream) == 1)
		;
}

void compare_streams(struct comparison *comparison, FILE *left, FILE *right)
{
	struct comparing comparing = { .comparison = comparison };
	struct state a = { 0 }, b = { 0 };

	while (!is_over(comparison->count)) {
		bool more_left = read_state(&a, left), more_right = read_state(&b, right);

		if (more_left && more_right) {
			compare_states(&comparing, &a, &b);
			comparison->ops++;
			continue;
		}
		if (more_left || more_right)
			ends_early(comparison, more_left);
		break;
	}
	drain(left);
	drain(right);
	free_state(&a);
	free_state(&b);
	free(comparing.before.hole);
	free(comparing.now.hole);
	free(comparing.given_before.hole);
	free(comparing.given.hole);
	free(comparing.resized_before.hole);
	free(comparing.resized.hole);
}
