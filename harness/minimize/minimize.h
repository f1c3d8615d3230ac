/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * minimize.h - the smallest program that still shows something: delta debugging (Zeller, Hildebrandt: Simplifying and
 * Isolating Failure-Inducing Input, 2002) over what a program is made of.
 *
 * In this order, again until a whole round changes nothing: header (towards presets), threads (fewer), operations
 * (fewer), arguments (smaller), schedule (fewer decisions).  Nothing here is random: the same answers give the same
 * questions.  No candidate is asked about twice, so that it ends whatever the answers are.
 * Ownership: the program belongs to the caller; hooks borrow what they are shown.
 */
#ifndef HARNESS_MINIMIZE_MINIMIZE_H
#define HARNESS_MINIMIZE_MINIMIZE_H

#include "harness/program/program.h"

struct minimize_hooks {
	/* Does @candidate still show it?  If so, it may have been given another schedule, under which it does. */
	bool (*shows)(void *context, struct program *candidate);
	/* @best does, and is smaller than what was so before.  False: stop. */
	bool (*better)(void *context, const struct program *best);
	/* Looked at before each trial.  NULL: never stop. */
	bool (*stop)(void *context);
	void *context;
};

/* Kept up to date; hooks may look at it. */
struct minimize_tally {
	const char *pass; /* at work: "header", "threads", "operations", "arguments", "schedule" */
	uint64_t trials, accepted;
};

/*
 * @program shows it (this is not asked again), and is replaced by smaller ones that do.  True: no step leads to one
 * that is smaller still; false: stopped before that was known.
 */
bool minimize(const struct minimize_hooks *hooks, struct program *program, struct minimize_tally *tally);

/* Whether @program may be what came of @original: a sieve, for who goes on from a file that somebody named. */
bool minimize_may_come_from(const struct program *program, const struct program *original);

#endif
