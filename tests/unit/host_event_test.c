// SPDX-License-Identifier: GPL-2.0-only
/* host_event_test.c - waiting and waking: nothing is lost, time-outs end, and only those who may sleep wait. */
#include "host_check.h"

#define ROUNDS 20000

static uint32_t ball; /* whose turn it is */

static void play(void *argument)
{
	uint32_t me = (uint32_t)(uintptr_t)argument;

	for (int i = 0; i < ROUNDS / 2; i++) {
		for (;;) {
			uint32_t key = host_event_key(&ball);

			if (get(&ball) == me)
				break;
			host_event_wait(&ball, key, 0);
		}
		set(&ball, 1 - me);
		host_event_wake(&ball);
	}
}

static void no_wake_is_lost(void)
{
	struct host_thread *thread = start("player", play, (void *)1);

	play((void *)0);
	host_thread_join(thread);
	CHECK(get(&ball) == 0);
}

static void stale_key_does_not_sleep(void)
{
	uint32_t key = host_event_key(&ball);

	host_event_wake(&ball);
	host_event_wait(&ball, key, 0);
}

static void timeout_ends_the_wait(void)
{
	uint64_t begin_ns = host_time_ns();

	host_event_wait(&ball, host_event_key(&ball), 5000000);
	CHECK(host_time_ns() - begin_ns >= 5000000);
}

static void waiting_in_atomic_is_found(void)
{
	host_preempt_disable();
	host_event_wait(&ball, host_event_key(&ball), 1000);
	host_preempt_enable();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "waiting for an event may sleep");
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(no_wake_is_lost);
	RUN(stale_key_does_not_sleep);
	RUN(timeout_ends_the_wait);
	CHECK(reports_total() == 0);
	RUN(waiting_in_atomic_is_found);
	return 0;
}
