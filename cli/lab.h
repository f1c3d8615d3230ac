/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab.h - programs under schedules, in processes that are forked from one in which the core has been started.
 *
 * On fibres there is one thread, so such a copy is whole.  What is found ends the process that finds it, since the core
 * may be in any state then; what it did until then is on a board that all processes see.
 */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include <sys/types.h>

#include "cli/trial.h"
#include "harness/finding/finding.h"
#include "harness/schedule/schedule.h"

#define LAB_DISTINCT_SLOTS (1u << 22)

struct lab_outcome {
	char finding[TRIAL_NAME_MAX]; /* as struct trial_target has it; empty: nothing new */
	uint64_t hash, points; /* of the run, up to there */
	size_t missed; /* of a replay: decisions that could not be followed */
	struct decision first_missed;
};

/* Written by one process at a time. */
struct lab_board {
	struct lab_outcome outcome;
	struct schedule_record record;
};

struct lab {
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	struct host_config host;
	struct lab_board *first, *again; /* of the process that looks for findings, and of replays */
	uint64_t points_max; /* of a run; more is a finding */
};

/* Starts the core; in @lab the caller has set core, config and host.  0 or -errno. */
int lab_start(struct lab *lab, const struct finding_run *run);

/* Memory that processes forked from now on share; zero. */
void *lab_shared(size_t bytes);

/* In the calling process: ends it with EXIT_FINDING, the outcome on @board, if something new is found. */
struct host_trace lab_run(const struct lab *lab, const struct program *program, struct schedule *schedule);
/*
 * The same many times: the VM and what comes before the streams are made once, and brought back from a snapshot; of so
 * many VMs one is destroyed as well.  @program stays the caller's until the next lab_prepare().
 */
void lab_prepare(const struct lab *lab, const struct program *program);
struct host_trace lab_run_prepared(const struct lab *lab, struct schedule *schedule);
/* The same as lab_run() under what the program's schedule says, or as it goes by itself if there is none; writes the outcome. */
void lab_run_replay(const struct lab *lab, const struct program *program, struct lab_board *board);
/* Findings that are made from now on go there; @quiet: and are not printed. */
void lab_write_to(struct lab_board *board, bool quiet);

/* In a process of its own, after a run without the schedule: what @program shows, on lab->again.  An exit code. */
int lab_replay(struct lab *lab, const struct program *program, bool quiet);

/* A child, which ends when the caller does; 0 in the child. */
pid_t lab_fork(void);
/* Its exit code; EXIT_HARNESS if it was killed. */
int lab_wait(pid_t child);

#endif
