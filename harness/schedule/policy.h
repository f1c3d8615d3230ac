/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - who runs next: three functions that a policy is made of, and the policies that there are.
 *
 * A policy is asked where there is a choice (struct host_choice) and the place is worth one (sites.h).  It is for the
 * runs of one program, of which it may learn; all that it does follows from the settings and the numbers of the runs.
 * Ownership: policy_create() and policy_destroy().
 */
#ifndef HARNESS_SCHEDULE_POLICY_H
#define HARNESS_SCHEDULE_POLICY_H

#include "harness/program/decisions.h"
#include "harness/program/draw.h"
#include "mmu_core/schedule.h"

enum policy_kind {
	POLICY_PORTFOLIO, /* the others in turn, but for the last two: each finds what the others do not */
	POLICY_RANDOM, /* goes to another CPU at one place of @one_in */
	POLICY_PCT, /* by priorities, with @depth - 1 changes (Burckhardt et al., ASPLOS 2010) */
	POLICY_POS, /* by priorities of what comes next, new ones after a race (Yuan et al., CAV 2018) */
	POLICY_URW, /* by how much each has to do still, so that all interleavings are alike (ASPLOS 2025) */
	POLICY_EXHAUSTIVE, /* every schedule with at most @preemptions */
	POLICY_REPLAY, /* what a program's schedule says; policy_create_replay() */
	POLICY_KINDS,
};

#define POLICY_CHOICES "portfolio|random|pct|pos|urw|exhaustive" /* in the order above */

struct policy_settings {
	uint64_t one_in; /* RANDOM */
	unsigned int depth; /* PCT */
	unsigned int preemptions; /* EXHAUSTIVE */
};

/* Where a choice is, as a decision names it (decisions.h). */
struct choice_place {
	unsigned int cpu;
	uint64_t step;
	uint32_t nth;
};

struct policy;

struct policy_type {
	/* A run begins; random decisions follow from @seed, numbers count from 0.  False: nothing is left to try. */
	bool (*new_run)(struct policy *policy, uint64_t number, uint64_t seed);
	/* One of @choice.enabled. */
	unsigned int (*next)(struct policy *policy, const struct host_choice *choice, const struct choice_place *place);
	/* What host_random() gives to the CPU called @cpu (decisions.h). */
	uint64_t (*draw)(struct policy *policy, unsigned int cpu);
	void (*destroy)(struct policy *policy); /* NULL: nothing but the memory */
};

struct cpu_names;

struct policy {
	const struct policy_type *type;
	struct cpu_names *names; /* of the CPUs of the running run */
	struct policy_settings settings;
	uint64_t seed; /* of the running run */
	struct draw draw;
	struct draw random[DECISION_CPUS];
};

struct policy *policy_create(enum policy_kind kind, const struct policy_settings *settings);
void policy_destroy(struct policy *policy);

/* ------------------------------------------------------------------------------------------------ for replays */

/* Refers to @program. */
struct policy *policy_create_replay(const struct program *program);
/* Of the last run: decisions that could not be followed; the first of them in @decision if there are any. */
size_t policy_replay_missed(const struct policy *policy, struct decision *decision);
/* HOST_CPUS_MAX: nothing about this place. */
unsigned int policy_replay_says(struct policy *policy, const struct host_choice *choice,
				const struct choice_place *place);

/*
 * What the schedule of @program says; where it says nothing, at one place of @one_in, which follow from its seed, any
 * other CPU, and else what is usual.  It looks at all places and caps sites itself: decisions count everywhere.
 * Refers to @program.
 */
struct policy *policy_create_steered(const struct program *program, uint64_t one_in, unsigned int site_cap);

/* ------------------------------------------------------------------------------------------------- for policies */

struct policy *policy_alloc(size_t bytes, const struct policy_type *type, const struct policy_settings *settings);
void policy_begin(struct policy *policy, uint64_t seed); /* at the beginning of each new_run() */
uint64_t policy_random(struct policy *policy, unsigned int cpu); /* a stream for each CPU, from the seed */

struct policy *random_walk_create(const struct policy_settings *settings);
struct policy *pct_create(const struct policy_settings *settings);
struct policy *pos_create(const struct policy_settings *settings);
struct policy *urw_create(const struct policy_settings *settings);
struct policy *exhaustive_create(const struct policy_settings *settings);
struct policy *portfolio_create(const struct policy_settings *settings);

/*
 * So many steps of one CPU in a row, at places that are no longer worth a choice: it may be waiting for others without
 * saying so (a fault that is tried again until an invalidation has ended), and gives way.
 */
#define STRETCH_STEPS 2048

static inline bool choice_is_forced(const struct host_choice *choice)
{
	return !(choice->enabled >> choice->running & 1);
}

/* What happens if nobody decides. */
static inline unsigned int choice_usual(const struct host_choice *choice)
{
	return choice_is_forced(choice) ? (unsigned int)__builtin_ctzll(choice->enabled) : choice->running;
}

static inline unsigned int draw_cpu_of(struct draw *draw, uint64_t enabled)
{
	for (uint64_t skip = draw_below(draw, (uint64_t)__builtin_popcountll(enabled)); skip; skip--)
		enabled &= enabled - 1;
	return (unsigned int)__builtin_ctzll(enabled);
}

#endif
