/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * litmus.h - two threads, one after the other in time, with nothing between them that TSan takes for an order.
 *
 * A litmus test defines first(), which runs in a thread of its own and calls baton_pass() when the other may go on, and
 * second(), which calls baton_await() before it does what races or not.  The baton is a relaxed atomic: it makes the
 * outcome the same on every run without ordering anything.  good_*.c has to be silent, bad_*.c has to be reported.
 */
#ifndef TESTS_LITMUS_H
#define TESTS_LITMUS_H

#include <stdio.h>

#include "mmu_core/host.h"
#include "schedules.h"

static uint32_t baton;
static volatile long shared; /* what it is all about; volatile, or a read without a use is no access */

static inline void baton_pass(uint32_t stage)
{
	__atomic_store_n(&baton, stage, __ATOMIC_RELAXED);
}

static inline void baton_await(uint32_t stage)
{
	while (__atomic_load_n(&baton, __ATOMIC_RELAXED) < stage)
		host_yield();
}

static void first(void);
static void second(void);

static inline void run_first(void *argument)
{
	first();
	(void)argument;
}

void litmus_pair(void)
{
	struct host_thread *thread;

	HOST_ASSERT(!host_cpu_spawn("first", run_first, NULL, &thread));
	second();
	host_thread_join(thread);
	printf("shared %ld\n", shared);
}

#ifndef LITMUS_SCHEDULES
int main(void)
{
	const struct host_config config = { .seed = 1 };

	HOST_ASSERT(!host_init(&config));
	litmus_pair();
	return 0;
}
#endif

#endif
