// SPDX-License-Identifier: GPL-2.0-only
/*
 * rcu.c - read-copy-update: the backend's grace periods, our own callbacks; readers are in reader.c.
 *
 * Callbacks are queued on one list and run, oldest first, by a CPU of their own after a grace period that began after
 * they were queued.
 */
#include "cpu.h"

static struct host_rcu_head *queue; /* newest first */

static void queue_push(struct host_rcu_head *newest, struct host_rcu_head *oldest)
{
	callbacks_push(&queue, newest, oldest);
	host_event_wake(&queue);
}

void rcu_hand_over_deferred(struct host_cpu *cpu)
{
	struct host_rcu_head *newest = cpu->deferred;
	struct host_rcu_head *oldest = newest;

	cpu->deferred = NULL;
	while (oldest->next)
		oldest = oldest->next;
	queue_push(newest, oldest);
}

void host_rcu_call(struct host_rcu_head *head, void (*function)(struct host_rcu_head *head))
{
	struct host_cpu *cpu = this_cpu;

	point(HOST_POINT_RCU, head);
	head->function = function;
	if (cpu->atomic_depth) {
		head->next = cpu->deferred;
		cpu->deferred = head;
	} else {
		queue_push(head, head);
	}
}

static void grace_period(void)
{
	backend_grace_period();
	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++)
		tsan_acquire(&host_cpus[i].reader_tag);
}

void host_rcu_synchronize(void)
{
	point(HOST_POINT_RCU, NULL);
	if (!host_may_sleep("waiting for an RCU grace period"))
		return; /* would wait for itself */
	wait_begin("an RCU grace period", NULL);
	grace_period();
	wait_end();
}

/* After a grace period no region that had callbacks to hand over at the call is still open: all stand before ours. */
void host_rcu_barrier(void)
{
	struct callback_barrier barrier = { .done = 0 };

	point(HOST_POINT_RCU, NULL);
	if (!host_may_sleep("waiting for RCU callbacks"))
		return;
	wait_begin("rcu_barrier", NULL);
	grace_period();
	host_rcu_call(&barrier.head, callback_barrier_reached);
	callback_barrier_wait(&barrier);
	wait_end();
}

/* The RCU CPU.  Lives as long as the process. */
void rcu_worker(void *unused)
{
	(void)unused;
	for (;;) {
		uint32_t key = host_event_key(&queue);
		struct host_rcu_head *batch = callbacks_take(&queue);
		uint32_t delay_us_max = relaxed_load(&host_settings.rcu_delay_us_max);

		if (!batch) {
			host_event_wait(&queue, key, 0);
			continue;
		}
		host_rcu_synchronize();
		if (delay_us_max)
			sleep_ns(host_random() % (delay_us_max * 1000ULL + 1));
		cpu_call_online_hook(this_cpu);
		callbacks_run(batch);
	}
}
