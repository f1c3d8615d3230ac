/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - does what a program says to a core: in one thread, a stream after the other, or natively in threads.
 *
 * Any program runs: what would make no sense (a range outside of the host's memory), wait for itself (a slot's change
 * while the same thread holds an invalidation open) or take for ever is skipped and counted as skipped.
 * Ownership: a run owns its world; the program must outlive it.
 * Locking:   run_step() is for one CPU a stream; all else for the one that began the run, with no stream at work.
 */
#ifndef HARNESS_RUN_RUN_H
#define HARNESS_RUN_RUN_H

#include <stdio.h>

#include "harness/oracle/digest.h"
#include "harness/program/program.h"
#include "harness/world/world.h"

struct run_options {
	FILE *trace; /* each operation and what came of it; NULL: none */
	/* Hears of each operation that is over, on the CPU that did it; NULL: nobody. */
	void (*op_is_over)(void *context, struct world *world, const struct op *op, int result);
	void *op_context;
	/* Of the operations that are refused one in so many is looked at before and after (I-L7); 0: none. */
	unsigned int digest_every;
	struct digest *digest; /* becomes the VM's, before it is destroyed; NULL: nobody wants it */
	bool keeps_vm; /* it is not destroyed: a snapshot takes back what is left (fresh.h) */
	bool rewinds; /* streams are run again and again (stress): barriers and audits are the caller's business */
};

/* What has been done, by operation. */
struct run_tally {
	uint64_t done[OPS_COUNT]; /* returned 0 or more */
	uint64_t refused[OPS_COUNT]; /* returned an error */
	uint64_t skipped[OPS_COUNT];
};

/* A line on stdout: how many in all. */
void run_tally_print(const struct run_tally *tally);

struct run;

/*
 * The program from its first operation to the destruction of its VM, on this CPU: setup, then the streams round robin,
 * one operation each.  Deterministic.  0, or -errno: no VM could be made.  Findings are where findings are.
 */
int run_program(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
		const struct run_options *options, struct run_tally *tally);

/* The same, but each stream on a CPU of its own. */
int run_threads(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
		const struct run_options *options, struct run_tally *tally);

/* ------------------------------------------------------------------------------------------------ part by part */

/* Makes the VM and does the setup stream.  @threads: streams run on CPUs of their own. */
int run_begin(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
	      const struct run_options *options, bool threads, struct run **run);
struct world *run_world(struct run *run);

void run_keep_vm(struct run *run, bool keeps_vm); /* struct run_options */

/* All streams to their ends on this CPU, one operation each. */
void run_in_turn(struct run *run);

/* The next operation of a stream; false: it has no more. */
bool run_step(struct run *run, unsigned int thread);
void run_rewind(struct run *run, unsigned int thread);

/* Each stream gets a CPU of its own, and sleeps; then all go, to their end. */
void run_streams_make(struct run *run);
void run_streams(struct run *run);
const char *run_stream_name(unsigned int stream); /* of that CPU; always the same string */

/* Ends what has been left open: a world at rest, as audits want it.  No stream is at work; they may go on later. */
void run_settle(struct run *run);
/* Settles, audits, collects and compares every log, and destroys the VM unless something was found, or it is kept. */
void run_end(struct run *run, struct run_tally *tally);

#endif
