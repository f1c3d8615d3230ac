/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * holds.h - CPUs that stay where they are until another one is past something: the holds of a program's schedule
 * (harness/program/decisions.h), under whatever policy.
 *
 * A hold is over when the other CPU has come to the point behind its event.  When nobody else can go on, the CPU that
 * was held last does, until it comes to its event again.
 * Ownership: the caller's, zero-initialised; holds_read() refers to nothing.
 */
#ifndef HARNESS_SCHEDULE_HOLDS_H
#define HARNESS_SCHEDULE_HOLDS_H

#include "harness/program/decisions.h"
#include "mmu_core/schedule.h"

#define HOLDS_MAX 64 /* of a program; later ones do not count */

struct holds {
	unsigned int count;
	struct hold {
		struct decision decision;
		enum {
			HOLD_AWAITS,
			HOLD_HOLDS,
			HOLD_OVER
		} state;
		bool reached; /* the other CPU is at the event, and perhaps past it */
		uint32_t times; /* that the CPU has come to its own */
		unsigned int host_cpu; /* that is held, */
		uint64_t since; /* from this step on */
	} hold[HOLDS_MAX];
	uint64_t held; /* CPUs of the host, a bit each */
};

void holds_read(struct holds *holds, const struct program *program);
void holds_begin(struct holds *holds); /* a run */
/* @cpu of decisions.h has come to @point. */
void holds_see(struct holds *holds, unsigned int cpu, const struct host_choice *point);
/* Those of @enabled that may go on. */
uint64_t holds_leave(struct holds *holds, uint64_t enabled);

#endif
