// SPDX-License-Identifier: GPL-2.0-only
/*
 * wait.c - sleeping on words, channels, readers and time.
 *
 * Between the look at a condition and the sleep there is no scheduling point, so no wake can be lost.  Whoever sleeps
 * on an address is found by comparing addresses; nothing depends on their order.
 */
#include "fibre.h"

#define RECENT 64

/* The last channels that were woken, the newest at wakes - 1. */
static const void *recent[RECENT];
static uint32_t wakes;

struct rcu_state rcu_state;

void futex_wait(const uint32_t *word, uint32_t value, enum futex_side side, uint64_t timeout_ns)
{
	(void)side;
	if (*word == value)
		schedule_sleep(HOST_POINT_WAIT, word, timeout_ns);
}

/* All of them: who comes first is the scheduler's decision, and the others sleep again. */
void futex_wake(const uint32_t *word, int count, enum futex_side side)
{
	(void)count;
	(void)side;
	schedule_wake(word);
}

void sleep_ns(uint64_t ns)
{
	uint64_t until_ns = clock_ns() + ns;
	char nobody_wakes_this;

	while (clock_ns() < until_ns)
		schedule_sleep(HOST_POINT_WAIT, &nobody_wakes_this, until_ns - clock_ns());
}

/* --------------------------------------------------------------------------------------------------------- channels */

uint32_t host_event_key(const void *channel)
{
	(void)channel;
	return wakes;
}

static bool was_woken(const void *channel, uint32_t key)
{
	if (wakes - key > RECENT)
		return true; /* nobody knows any more */
	for (; key != wakes; key++) {
		if (recent[key % RECENT] == channel)
			return true;
	}
	return false;
}

void host_event_wait(const void *channel, uint32_t key, uint64_t timeout_ns)
{
	point(HOST_POINT_WAIT, channel);
	host_may_sleep("waiting for an event");
	if (!was_woken(channel, key))
		schedule_sleep(HOST_POINT_WAIT, channel, timeout_ns);
	tsan_acquire((void *)channel);
}

void host_event_wake(const void *channel)
{
	point(HOST_POINT_WAKE, channel);
	tsan_release((void *)channel);
	recent[wakes++ % RECENT] = channel;
	schedule_wake(channel);
}

/* ---------------------------------------------------------------------------------------------------- grace periods */

void rcu_reader_left(void)
{
	schedule_wake(&rcu_state);
}

/* Over when no CPU is any more in the read section in which it was at the start. */
void backend_grace_period(void)
{
	uint64_t generations[HOST_CPUS_MAX];
	uint64_t waited = rcu_state.readers;

	if (likely(!waited))
		return;
	for_each_cpu_of(cpu, waited) generations[cpu->number] = cpu->backend.reader_generation;
	for (;;) {
		waited &= rcu_state.readers;
		for_each_cpu_of(cpu, waited)
		{
			if (cpu->backend.reader_generation != generations[cpu->number])
				waited &= ~cpu->backend.bit;
		}
		if (!waited)
			return;
		rcu_state.waiters++;
		schedule_sleep(HOST_POINT_RCU, &rcu_state, 0);
		rcu_state.waiters--;
	}
}

/* The CPU for SRCU callbacks.  Lives as long as the process. */
void srcu_worker(void *unused)
{
	(void)unused;
	for (;;) {
		uint32_t key = srcu_work_key();

		cpu_call_online_hook(this_cpu);
		srcu_run_callbacks();
		srcu_work_await(key, 0);
	}
}
