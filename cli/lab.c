// SPDX-License-Identifier: GPL-2.0-only
/* lab.c - programs under schedules, in processes of their own. */
#include "cli/lab.h"
#include "cli/words.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/run/boot.h"
#include "harness/run/run.h"

#define POINTS_MAX 20000000 /* a thousand times what a small program takes */

static struct lab_board *written; /* by this process */
static bool silent;
static bool streams_are_over; /* of the run in this process: what they did is */
static struct host_trace streams_trace;

void *lab_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	HOST_ASSERT(memory != MAP_FAILED);
	return memory;
}

/*
 * TSan gives up a process that had several threads when it was forked (ForkChildAfter() in its tsan_rtl.cpp): it sees
 * no access any more, and to it a fibre is a thread.  So there the core is started behind the fork.
 */
#if __has_feature(thread_sanitizer)
#define STARTS_IN_CHILDREN true
#else
#define STARTS_IN_CHILDREN false
#endif

static int start_core(const struct lab *lab)
{
	return core_start(lab->core, &lab->host, &lab->config, &lab->finding_run);
}

/* Whether it would start. */
static int start_core_aside(struct lab *lab)
{
	int *error = lab_shared(sizeof(*error));
	pid_t child = fork();

	HOST_ASSERT(child >= 0);
	if (!child) {
		*error = start_core(lab);
		_exit(EXIT_OK);
	}
	if (child_wait(child) != EXIT_OK)
		*error = -EIO;
	return *error;
}

int lab_start(struct lab *lab, const struct finding_run *run)
{
	lab->first = lab_shared(sizeof(*lab->first));
	lab->again = lab_shared(sizeof(*lab->again));
	lab->points_max = POINTS_MAX;
	lab->finding_run = *run;
	return STARTS_IN_CHILDREN ? start_core_aside(lab) : start_core(lab);
}

/* -------------------------------------------------------------------------------------------------------- processes */

pid_t lab_fork(const struct lab *lab)
{
	pid_t parent = getpid(), child;

	fflush(NULL);
	child = fork();
	HOST_ASSERT(child >= 0);
	if (child)
		return child;
	child_begin(parent);
	if (STARTS_IN_CHILDREN && start_core(lab))
		_exit(EXIT_HARNESS);
	return 0;
}

/* --------------------------------------------------------------------------------------------------------- findings */

static void end_with(const struct finding *finding)
{
	struct host_trace trace = streams_are_over ? streams_trace : host_schedule_trace();
	struct lab_outcome *outcome = &written->outcome;

	if (*outcome->finding)
		return;
	snprintf(outcome->finding, sizeof(outcome->finding), "%s %s", finding_class_name(finding->class), finding->id);
	outcome->hash = trace.hash;
	outcome->points = trace.points;
	outcome->recorded = written->record.nr_points;
	/* A stray access, or what a sanitizer says of it, is told further and ends the process by itself. */
	if (finding->class != FINDING_MEMORY || silent)
		_exit(EXIT_FINDING);
}

void lab_write_to(struct lab_board *board, bool quiet)
{
	written = board;
	silent = quiet;
	board->outcome = (struct lab_outcome){ 0 };
	finding_set_listener(end_with);
	if (quiet)
		finding_set_printing(-1, 0);
}

/* ------------------------------------------------------------------------------------------------------------- runs */

/* The VM as it is when the program's streams begin, each of them asleep on a CPU of its own. */
static struct run *make(const struct lab *lab)
{
	static const struct run_options options = { .digest_every = 1 };
	struct run *run;
	int error;

	host_configure(&lab->host);
	host_schedule_begin(NULL);
	error = run_begin(lab->core, &lab->config, lab->program, &options, true, &run);
	if (error)
		_exit(error == -EOPNOTSUPP || error == -EINVAL ? EXIT_SKIPPED : EXIT_HARNESS);
	run_streams_make(run);
	return run;
}

static struct run *fresh(struct lab *lab)
{
	if (!lab->ready)
		return make(lab);
	host_snapshot_restore(lab->ready);
	return lab->run;
}

/*
 * The policy sees the streams only: behind them is little that could be done in another order, but many points of a
 * VM's end.
 */
struct host_trace lab_run(struct lab *lab, struct schedule *schedule, bool whole)
{
	struct run *run = fresh(lab);

	streams_are_over = false;
	schedule_begin(schedule);
	run_streams(run);
	streams_trace = schedule_end(schedule);
	streams_are_over = true;
	run_keep_vm(run, lab->ready && !whole);
	run_end(run, NULL);
	return streams_trace;
}

struct watch {
	void (*function)(struct schedule *schedule);
	uint64_t at; /* struct schedule */
};

/* Under what the program's schedule says, or as it goes by itself if there is none. */
static void run_replay(struct lab *lab, const struct program *scheduled, struct watch watch)
{
	const struct schedule_options options = { .points_max = lab->points_max, .program = scheduled };
	struct policy *policy = policy_create_replay(scheduled);
	struct lab_outcome *outcome = &written->outcome;
	struct host_trace trace;
	struct schedule schedule;

	schedule_init(&schedule, policy, &options, &written->record);
	schedule.watch = watch.function;
	schedule.watch_at = watch.at;
	schedule_plan(&schedule, 0, 0);
	trace = lab_run(lab, &schedule, true);
	if (*outcome->finding)
		_exit(EXIT_FINDING);
	outcome->hash = trace.hash;
	outcome->points = trace.points;
	outcome->recorded = written->record.nr_points;
	outcome->missed = policy_replay_missed(policy, &outcome->first_missed);
	schedule_free(&schedule);
	policy_destroy(policy);
}

/*
 * What a process does only once (a class of locks is met, a worker starts) is part of the run that comes first
 * (schedule.h): that is one without decisions.
 */
void lab_load(struct lab *lab, const struct program *program)
{
	struct program usual;

	if (lab->ready)
		host_snapshot_free(lab->ready);
	if (!lab->empty)
		lab->empty = host_snapshot_take();
	else
		host_snapshot_restore(lab->empty);
	lab->ready = NULL;
	lab->program = program;
	program_copy(&usual, program);
	program_drop_schedule(&usual);
	run_replay(lab, &usual, (struct watch){ 0 });
	program_free(&usual);
	if (!lab->empty) /* no snapshots: each run makes its own */
		return;
	lab->run = make(lab);
	lab->ready = host_snapshot_take();
}

int lab_replay(struct lab *lab, const struct program *program, bool quiet)
{
	pid_t child = lab_fork(lab);
	int result;

	if (child) {
		result = child_wait(child);
		/* What came behind a finding that did not end it at once. */
		if (*lab->again->outcome.finding)
			lab->again->record.nr_points = lab->again->outcome.recorded;
		return result;
	}
	lab_write_to(lab->again, quiet);
	lab_load(lab, program);
	run_replay(lab, program, (struct watch){ 0 });
	_exit(EXIT_OK);
}

int lab_replay_watched(struct lab *lab, const struct program *program, uint64_t watch_at,
		       void (*watch)(struct schedule *schedule))
{
	pid_t child = lab_fork(lab);

	if (child)
		return child_wait(child);
	lab_write_to(lab->again, true);
	lab_load(lab, program);
	run_replay(lab, program, (struct watch){ watch, watch_at });
	_exit(EXIT_OK);
}

int lab_search(struct lab *lab, const struct program *program, uint64_t schedules, uint64_t seed)
{
	const struct schedule_options options = { .site_cap = LAB_SITE_CAP, .points_max = lab->points_max };
	pid_t child = lab_fork(lab);
	struct schedule schedule;
	struct policy *policy;

	if (child)
		return child_wait(child);
	lab_write_to(lab->again, true);
	lab_load(lab, program);
	run_replay(lab, program, (struct watch){ 0 });
	policy = policy_create(POLICY_PORTFOLIO, &(struct policy_settings){ 0 });
	schedule_init(&schedule, policy, &options, &lab->again->record);
	for (uint64_t i = 0; i < schedules && schedule_plan(&schedule, i, seed + i); i++)
		lab_run(lab, &schedule, false);
	_exit(EXIT_OK);
}
