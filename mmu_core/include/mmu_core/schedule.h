/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule.h - deterministic schedules: what a policy sees at a scheduling point, and what it decides.
 *
 * For programs that are linked with the fibres backend of host.h, where all CPUs share one thread of the operating
 * system and only one runs at a time.  Which one is decided at each host_point(), and where a CPU has to wait.
 *
 * A run begins with host_schedule_begin() and is a function of the program, the knobs (host_configure()) and what the
 * policy answers: no clock of the machine, no address and no hash order decides anything.  Time is virtual: it advances
 * with the points that are passed, and jumps when all CPUs sleep.
 * What a process does only once (a class of locks is met, a worker starts) is part of the run that comes first: let one
 * go before the runs that are compared.
 * Without a policy a CPU runs until it has to wait; then the lowest-numbered one that can run does.  One that waits for
 * others in a loop without saying so gives way after some thousand points.
 */
#ifndef MMU_CORE_SCHEDULE_H
#define MMU_CORE_SCHEDULE_H

#include "mmu_core/host.h"

struct host_choice {
	uint64_t enabled; /* bit n: CPU n may be picked; two bits at least */
	unsigned int running; /* has reached the point; not in @enabled if it has to wait or gives way */
	enum host_point_kind kind;
	uint32_t object; /* objects are numbered as the run meets them, from 1; 0: none */
	const char *lock; /* the name of its class; NULL: the point takes none */
	const void *site; /* where the core's code goes on; another one in each build */
	uint64_t step; /* points passed in this run, by all CPUs ... */
	uint64_t own_step; /* ... and by the running one */
};

struct host_schedule {
	/* One bit of enabled, by its number. */
	unsigned int (*pick)(void *context, const struct host_choice *choice);
	/* Instead of the CPUs' own streams, what host_random() gives; NULL: those. */
	uint64_t (*draw)(void *context);
	/* Sees every point, also those at which there is nothing to choose; NULL: nobody wants to. */
	void (*passed)(void *context, const struct host_choice *point);
	/*
	 * No CPU can go on, and that has been reported.  Does not return if the process is to live: what is on the
	 * stacks of the CPUs is lost.  NULL: the process ends with exit code 1.
	 */
	void (*stuck)(void *context);
	/* More points than this in one run are reported as a lack of progress, once; 0: no limit. */
	uint64_t points_max;
	void *context;
};

/*
 * Begins a run: points are counted and objects numbered afresh.  Called by the only CPU that can go on; the others
 * sleep.  NULL: without a policy.  @schedule is kept by reference until the next call.
 */
void host_schedule_begin(const struct host_schedule *schedule);

/* What has happened in this run.  Equal hashes: the same CPUs have passed the same points, in the same order. */
struct host_trace {
	uint64_t hash; /* over CPU, kind and object of each point; only while a policy is installed */
	uint64_t points;
	uint64_t switches;
};
struct host_trace host_schedule_trace(void);

/* -------------------------------------------------------------------------------------------------------- snapshots */

/*
 * All that a run may write: the variables of core, host and harness, objects, pages, the stacks of sleeping CPUs.  Not
 * the caller's own memory, nor libc's.  Taken and brought back by CPU 0 while the others sleep, or have been given up.
 * NULL: this program has none (TSan, threads): runs have to make what they need.
 */
struct host_snapshot;
struct host_snapshot *host_snapshot_take(void);
void host_snapshot_restore(const struct host_snapshot *snapshot);
void host_snapshot_free(struct host_snapshot *snapshot);

/*
 * Calls @function on CPU 0; false: it has been given up by host_attempt_abandon(), on whatever CPU and from however
 * deep inside.  Nothing can be done then but to restore a snapshot or to end the process.
 */
bool host_attempt(void (*function)(void *argument), void *argument);
bool host_attempting(void);
void host_attempt_abandon(void) __attribute__((noreturn));

/* Return addresses of what @cpu does, innermost first; for a CPU that waits.  Their number; 0: nobody can see it. */
unsigned int host_schedule_stack(unsigned int cpu, void **addresses, unsigned int max);

#endif
