/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decisions.h - what a program's schedule says: where the CPUs do not run as they would by themselves.
 *
 * By itself a CPU goes on at a point as long as it can, and where it has to wait the lowest-numbered one that can run
 * follows.  A decision says otherwise for one place, which it names by the CPU and what that CPU has done, so that it
 * still means the same place when other decisions or operations are taken away.  Whatever cannot be followed (the place
 * is not reached, the other CPU cannot run there) is passed over.
 *
 * A hold names no place but two events (events.def): @from stays at the (@nth + 1)-th @at of its own until @to is past
 * a @past.  So it still means the same in another build, and mostly in another kernel.  Where no other CPU can go on it
 * does, and stays the next time.
 *
 * Bytes: the form (0), the seed, then one decision after the other.  A decision is a byte for @from, one for
 * @to, both modulo DECISION_CPUS; a number that is @step * 8, + 1 if forced, + 2 if @nth follows, + 4 if it is a hold,
 * whose step is @at * EVENTS + @past, modulo EVENTS squared; and @nth - 1 if it does.  Numbers have seven bits in a
 * byte, lowest first, and the top bit says that more follow, in at most nine bytes.
 */
#ifndef HARNESS_PROGRAM_DECISIONS_H
#define HARNESS_PROGRAM_DECISIONS_H

#include <stdio.h>

#include "harness/program/program.h"

/* CPUs by what they do: their numbers change with what else there is. */
#define DECISION_CPUS 64
#define DECISION_CPU_MAIN PROGRAM_THREADS_MAX /* below: the program's threads */
#define DECISION_CPU_RCU (PROGRAM_THREADS_MAX + 1)
#define DECISION_CPU_SRCU (PROGRAM_THREADS_MAX + 2)
#define DECISION_CPU_KTHREAD (PROGRAM_THREADS_MAX + 3) /* and above: the core's own */

#define DECISION_STEP_MAX (UINT64_MAX >> 4)
#define DECISION_NTH_MAX UINT32_MAX

enum event {
#define EVENT(name, text, kind, functions) EVENT_##name,
#include "harness/program/events.def"
#undef EVENT
	EVENTS,
};

struct decision {
	uint64_t step; /* points that @from has passed since the run began */
	uint32_t nth; /* of the choices at that step, from 0: one that waits may have to wait again */
	uint8_t from, to; /* below DECISION_CPUS */
	bool forced; /* @from could not go on */
	bool hold; /* by these instead of @step */
	uint8_t at, past; /* enum event */
};

#define DECISION_BYTES_MIN 3
#define DECISION_BYTES_MAX 20
#define SCHEDULE_HEAD_BYTES_MAX 10

/* Reads in order; begins with the seed of random values. */
struct decision_reader {
	const uint8_t *at, *end;
};
uint64_t decisions_begin(struct decision_reader *reader, const struct program *program);
bool decisions_next(struct decision_reader *reader, struct decision *decision); /* false: no more */

/* Write the one spelling; return the bytes written. */
size_t schedule_head_encode(uint64_t seed, uint8_t bytes[SCHEDULE_HEAD_BYTES_MAX]);
size_t decision_encode(const struct decision *decision, uint8_t bytes[DECISION_BYTES_MAX]);

/* Replaces the schedule; decisions that do not fit into PROGRAM_SCHEDULE_MAX are left out, and false returned. */
bool program_set_schedule(struct program *program, uint64_t seed, const struct decision *decisions, size_t count);
void program_drop_schedule(struct program *program);

/* For whoever wrote to program.schedule: bytes of any kind become the one spelling of what they mean. */
void schedule_canonical(struct program *program);

/* "3", "main", "rcu", "srcu", "kthread0". */
#define DECISION_CPU_TEXT_MAX 12
const char *decision_cpu_name(unsigned int cpu, char *text); /* @text, in DECISION_CPU_TEXT_MAX bytes */
const char *event_name(enum event event); /* "mmu_locked" */
#define DECISION_TEXT_MAX 128
size_t decision_format(const struct decision *decision, char *text); /* one line, without its end */

#endif
