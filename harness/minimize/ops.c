// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - fewer operations: halves, quarters ... single ones, then pairs.
 *
 * From the back: what comes later leans on what came before, seldom the other way round.
 * Pairs are for what makes sense together only (a window's opening and its closing, two threads' barriers); a program
 * of n operations has n (n - 1) / 2 of them, which is why a long one is not asked about them.
 */
#include "harness/minimize/minimize_parts.h"

#define PAIRS_OPS_MAX 32

static bool try_without(struct minimizer *minimizer, size_t first, size_t count)
{
	struct program candidate;

	program_copy(&candidate, minimizer->best);
	program_remove(&candidate, first, count);
	return minimize_try(minimizer, &candidate);
}

static bool remove_chunks(struct minimizer *minimizer, size_t size)
{
	size_t end = minimizer->best->nr_ops;
	bool removed = false;

	while (end && !minimizer->stopped) {
		size_t count = end < size ? end : size;

		end -= count;
		removed |= try_without(minimizer, end, count);
	}
	return removed;
}

static bool try_without_two(struct minimizer *minimizer, size_t first, size_t second)
{
	struct program candidate;

	program_copy(&candidate, minimizer->best);
	program_remove(&candidate, second, 1);
	program_remove(&candidate, first, 1);
	return minimize_try(minimizer, &candidate);
}

static bool remove_pair(struct minimizer *minimizer)
{
	if (minimizer->best->nr_ops > PAIRS_OPS_MAX)
		return false;
	for (size_t second = minimizer->best->nr_ops; second-- > 1;) {
		for (size_t first = second; first--;) {
			if (try_without_two(minimizer, first, second))
				return true;
		}
	}
	return false;
}

void minimize_ops(struct minimizer *minimizer)
{
	for (size_t size = minimizer->best->nr_ops; size > 1; size = (size + 1) / 2)
		remove_chunks(minimizer, size);
	do {
		while (remove_chunks(minimizer, 1))
			;
	} while (remove_pair(minimizer));
}
