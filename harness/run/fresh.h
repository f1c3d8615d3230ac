/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fresh.h - runs in VMs that are as if they had just been made: one of each kind is made, and brought back from a
 * snapshot for each run.
 *
 * What is brought back is everything (mmu_core/schedule.h), so each run begins as if it were the first one of the
 * process.  Some runs make their VM and destroy it all the same, because there are bugs in that, too: which ones
 * follows from the program, so that the same program always does the same.
 * Where there are no snapshots (TSan, threads) all of them do.
 *
 * Locking: for CPU 0, while all others sleep.
 */
#ifndef HARNESS_RUN_FRESH_H
#define HARNESS_RUN_FRESH_H

#include "harness/run/run.h"

struct fresh;

/* Once the core has been started.  @core, @config, @host: kept by reference. */
struct fresh *fresh_create(const struct mmu_core_ops *core, const struct mmu_core_config *config,
			   const struct host_config *host);
void fresh_destroy(struct fresh *fresh);

/*
 * Makes one of each kind that a program with the header of @program may ask for, so that no run has to: what a run
 * covers is then its own.
 */
void fresh_prepare(struct fresh *fresh, const struct program *program, const struct run_options *options, bool threads);

enum fresh_life {
	FRESH_AS_PROGRAM, /* by the program */
	FRESH_WHOLE, /* made and destroyed */
	FRESH_BACK, /* brought back */
};

/* run_begin() in such a VM. */
int fresh_begin(struct fresh *fresh, const struct program *program, const struct run_options *options,
		enum fresh_life life, bool threads, struct run **run);

/* run_program() in such a VM; the state is left as the run left it. */
int fresh_run(struct fresh *fresh, const struct program *program, const struct run_options *options,
	      enum fresh_life life, struct run_tally *tally);

#endif
