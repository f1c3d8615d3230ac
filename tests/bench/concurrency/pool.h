/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pool.h - runs of one program, each from the same snapshot: its threads exist, asleep, and what they share is zero.
 *
 *	pool_begin(program)
 *	  pool_fresh()		what the run before has left behind goes away
 *	  ...			a schedule begins
 *	  pool_run()
 *	pool_end()
 */
#ifndef TESTS_BENCH_CONCURRENCY_POOL_H
#define TESTS_BENCH_CONCURRENCY_POOL_H

#include "program.h"

enum verdict {
	VERDICT_NO_BUG,
	VERDICT_BUG,
	VERDICT_CUT, /* did not come to its end */
};

void pool_begin(const struct concurrent_program *program);
void pool_end(void);
void pool_fresh(void);
enum verdict pool_run(void);
/* Ends the run wherever it is; pool_run() returns @verdict. */
void pool_give_up(enum verdict verdict) __attribute__((noreturn));

#endif
