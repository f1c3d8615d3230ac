/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - does a program show a finding?  Asked of a process of its own, because what is found may leave the core in
 * any state (locks held, threads gone, the process aborted), and the machine is fixed for the life of a process.
 *
 * The process is forked from one in which no core has been started: one that has could not be copied, its threads would
 * be missing.  That costs what starting the core costs, and no exec.  What is found there is read as it is found; a
 * process that shows what is looked for is ended at once, so that it does not matter what comes of it.
 */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include <signal.h>

#include "harness/program/program.h"
#include "stress/machine.h"

#define TRIAL_NAME_MAX 128

/* What is looked for. */
struct trial_target {
	char name[TRIAL_NAME_MAX]; /* class and id: "mmu-invariant T1"; empty: whatever is new */
	bool first; /* before anything else that is new: the rest may be what came of it */
};

struct trial {
	const struct mmu_core_ops *core;
	uint64_t seed;
	bool threads; /* each stream on a CPU of its own */
	uint64_t times, least; /* shown if at least @least of up to @times runs show it */
	uint64_t limit_ns; /* of one process; longer: nothing more is shown */
	const volatile sig_atomic_t *interrupted; /* ends a trial, which then shows nothing */

	/* Counted. */
	uint64_t processes, runs;
	uint64_t late; /* processes that were ended at the limit */
	uint64_t broken; /* processes that ended in an assertion of the harness, or died without a finding */
};

enum trial_answer {
	TRIAL_SHOWN,
	TRIAL_NOT_SHOWN,
	TRIAL_NO_SUCH_MACHINE, /* nor VM */
	TRIAL_BROKEN,
};

/*
 * @first, if not NULL: the first new finding, as a target's name, or an empty one.  With an empty target the answer is
 * whether there is one.
 */
enum trial_answer trial_ask(struct trial *trial, const struct program *program, const struct trial_target *target,
			    char first[TRIAL_NAME_MAX]);

#endif
