// SPDX-License-Identifier: GPL-2.0-only
/*
 * decisions.c - a schedule of fewer decisions: halves, quarters ... single ones, from the back.
 *
 * A decision says by itself which place it is for, so that the others still mean the same.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/minimize/minimize_parts.h"
#include "harness/program/decisions.h"

struct list {
	uint64_t seed;
	struct decision *decisions;
	size_t count;
};

static struct list read_list(const struct program *program)
{
	struct decision_reader reader;
	struct list list = { .seed = decisions_begin(&reader, program) };

	list.decisions = malloc((program->schedule_bytes / DECISION_BYTES_MIN + 1) * sizeof(*list.decisions));
	HOST_ASSERT(list.decisions);
	while (decisions_next(&reader, &list.decisions[list.count]))
		list.count++;
	return list;
}

static bool try_without(struct minimizer *minimizer, size_t first, size_t count)
{
	struct list list = read_list(minimizer->best);
	struct program candidate;

	memmove(&list.decisions[first], &list.decisions[first + count],
		(list.count - first - count) * sizeof(*list.decisions));
	program_copy(&candidate, minimizer->best);
	program_set_schedule(&candidate, list.seed, list.decisions, list.count - count);
	free(list.decisions);
	return minimize_try(minimizer, &candidate);
}

static size_t decisions_of(const struct program *program)
{
	struct list list = read_list(program);

	free(list.decisions);
	return list.count;
}

static bool remove_chunks(struct minimizer *minimizer, size_t size)
{
	size_t end = decisions_of(minimizer->best);
	bool removed = false;

	while (end && !minimizer->stopped) {
		size_t count = end < size ? end : size, left;

		end -= count;
		removed |= try_without(minimizer, end, count);
		/* Another schedule may have been found, which is shorter still. */
		left = decisions_of(minimizer->best);
		end = end < left ? end : left;
	}
	return removed;
}

void minimize_decisions(struct minimizer *minimizer)
{
	for (size_t size = decisions_of(minimizer->best); size > 1; size = (size + 1) / 2)
		remove_chunks(minimizer, size);
	while (remove_chunks(minimizer, 1))
		;
}
