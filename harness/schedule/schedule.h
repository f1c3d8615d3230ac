/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule.h - one run under a policy: what was decided, and which points were passed.
 *
 *	schedule_plan(schedule, number, seed)
 *	schedule_begin(schedule);			all CPUs but this one sleep
 *	...						what is run
 *	schedule_end(schedule);
 *
 * Only for programs that are linked with the fibres backend.
 */
#ifndef HARNESS_SCHEDULE_SCHEDULE_H
#define HARNESS_SCHEDULE_SCHEDULE_H

#include "harness/schedule/cpus.h"
#include "harness/schedule/holds.h"
#include "harness/schedule/policy.h"
#include "harness/schedule/sites.h"
#include "harness/schedule/windows.h"

/* A point that was passed. */
struct schedule_point {
	uint32_t object;
	uint32_t site; /* address; programs are linked below 4 GiB */
	uint8_t cpu; /* of decisions.h */
	uint8_t kind; /* enum host_point_kind */
};

/*
 * What a run leaves behind, also if the process dies in it: the caller keeps it in memory that outlives that.  What
 * does not fit is counted and not kept.
 */
#define SCHEDULE_DECISIONS_MAX 65536
#define SCHEDULE_POINTS_KEPT (1u << 20)

/* What an object is called, for locks: the last one of those that share a place. */
#define SCHEDULE_LOCK_NAMES 256
struct schedule_lock_name {
	uint32_t object;
	const char *name; /* of the program's: processes that it has forked see it, too */
};

struct schedule_record {
	uint64_t seed; /* of random values */
	uint64_t nr_decisions, nr_points;
	struct schedule_lock_name lock_names[SCHEDULE_LOCK_NAMES];
	struct decision decisions[SCHEDULE_DECISIONS_MAX];
	struct schedule_point points[SCHEDULE_POINTS_KEPT];
};

/* Of one CPU of decisions.h. */
struct schedule_steps {
	uint64_t last; /* its thread's own count */
	uint64_t before; /* those of threads that are over */
	uint64_t waits_at; /* step at which it last could not go on, */
	uint32_t waits; /* and how often */
};

struct schedule {
	struct host_schedule host;
	struct policy *policy;
	struct schedule_record *record;
	unsigned int site_cap; /* 0: none */
	uint64_t switched_at; /* step */
	struct windows *windows;
	struct holds holds;
	struct sites sites;
	struct cpu_names names;
	struct schedule_steps steps[DECISION_CPUS];
	/* Called at the point of that place in the record, by the CPU that has come to it; NULL: never. */
	void (*watch)(struct schedule *schedule);
	uint64_t watch_at;
};

struct schedule_options {
	unsigned int site_cap;
	uint64_t points_max; /* struct host_schedule */
	struct windows *windows; /* NULL: nobody looks for them */
	const struct program *program; /* whose holds count; NULL: there are none */
};

/* The policy and the record stay the caller's. */
void schedule_init(struct schedule *schedule, struct policy *policy, const struct schedule_options *options,
		   struct schedule_record *record);
void schedule_free(struct schedule *schedule);

/* False: the policy has nothing left to try. */
bool schedule_plan(struct schedule *schedule, uint64_t number, uint64_t seed);
void schedule_begin(struct schedule *schedule);
struct host_trace schedule_end(struct schedule *schedule);

/* NULL: it is no lock, or another one has its place. */
const char *schedule_lock_name(const struct schedule_record *record, uint32_t object);

/* The program's schedule becomes what was decided; false: not all of it fits. */
bool schedule_keep(const struct schedule_record *record, struct program *program);

#endif
