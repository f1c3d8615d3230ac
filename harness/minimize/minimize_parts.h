/* SPDX-License-Identifier: GPL-2.0-only */
/* minimize_parts.h - what the passes share.  Each of them leaves a program that shows it; none returns anything. */
#ifndef HARNESS_MINIMIZE_MINIMIZE_PARTS_H
#define HARNESS_MINIMIZE_MINIMIZE_PARTS_H

#include "harness/minimize/minimize.h"

struct minimizer {
	const struct minimize_hooks *hooks;
	struct minimize_tally *tally;
	struct program *best;
	bool stopped;
	/* Hashes of all programs that have been best or candidate; 0 is an empty place. */
	uint64_t *tried;
	size_t tried_room, nr_tried;
};

/* Takes @candidate over: it is the best from now on (true), or freed.  Nothing is tried once stopped. */
bool minimize_try(struct minimizer *minimizer, struct program *candidate);

void minimize_header(struct minimizer *minimizer);
void minimize_threads(struct minimizer *minimizer);
void minimize_ops(struct minimizer *minimizer);
void minimize_operands(struct minimizer *minimizer);
void minimize_decisions(struct minimizer *minimizer);

/* Values that are smaller than @value and worth a trial, ascending.  Returns their number. */
#define SMALLER_MAX 64
unsigned int smaller_values(enum operand operand, uint64_t value, uint64_t smaller[SMALLER_MAX]);

#endif
