/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab.h - programs under schedules, in processes that are forked from one in which the core has been started (TSan:
 * which start it themselves, lab.c).
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
	uint64_t recorded; /* points of the record, the same */
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
	struct host_snapshot *empty, *ready; /* without a VM; of the program that runs now.  NULL: there are none */
	struct finding_run finding_run;
	const struct program *program;
	struct run *run; /* in @ready */
};

/* Starts the core; in @lab the caller has set core, config and host.  0 or -errno. */
int lab_start(struct lab *lab, const struct finding_run *run);

/* Memory that processes forked from now on share; zero. */
void *lab_shared(size_t bytes);

/*
 * In the calling process, which ends with EXIT_FINDING, the outcome on its board, if something new is found: the
 * program that runs from now on goes once by itself, and is made ready.  It is kept by reference.
 */
void lab_load(struct lab *lab, const struct program *program);
/* Once more, as if it were the first time.  Not @whole: the VM is not destroyed, where that makes no difference. */
struct host_trace lab_run(struct lab *lab, struct schedule *schedule, bool whole);
/* Findings that are made from now on go there; @quiet: and are not printed. */
void lab_write_to(struct lab_board *board, bool quiet);

/* In a process of its own, after a run without the schedule: what @program shows, on lab->again.  An exit code. */
int lab_replay(struct lab *lab, const struct program *program, bool quiet);

/* The same; @watch is called at the point of that place in the record, by the CPU that has come to it. */
int lab_replay_watched(struct lab *lab, const struct program *program, uint64_t watch_at,
		       void (*watch)(struct schedule *schedule));

/* The same, and if nothing is shown, so many other schedules, until one shows something. */
#define LAB_SITE_CAP 4 /* if nothing else is said */
int lab_search(struct lab *lab, const struct program *program, uint64_t schedules, uint64_t seed);

/* A child, which ends when the caller does; 0 in the child. */
pid_t lab_fork(const struct lab *lab);

#endif
