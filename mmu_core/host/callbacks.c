// SPDX-License-Identifier: GPL-2.0-only
/*
 * callbacks.c - what RCU and SRCU callbacks have in common: lists that anybody puts calls on, newest first.
 *
 * In the kernel they run with bottom halves off: here with preemption off, so they may not sleep.
 */
#include <limits.h>

#include "cpu.h"

void callbacks_push(struct host_rcu_head **list, struct host_rcu_head *newest, struct host_rcu_head *oldest)
{
	oldest->next = relaxed_load(list);
	while (!__atomic_compare_exchange_n(list, &oldest->next, newest, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

struct host_rcu_head *callbacks_take(struct host_rcu_head **list)
{
	return __atomic_exchange_n(list, NULL, __ATOMIC_SEQ_CST);
}

void callbacks_run(struct host_rcu_head *newest)
{
	struct host_rcu_head *oldest = NULL;

	while (newest) {
		struct host_rcu_head *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct host_rcu_head *head = oldest;

		oldest = head->next; /* the callback frees it */
		host_preempt_disable();
		head->function(head);
		host_preempt_enable();
	}
}

void callback_barrier_reached(struct host_rcu_head *head)
{
	struct callback_barrier *barrier = (struct callback_barrier *)head;

	__atomic_store_n(&barrier->done, 1, __ATOMIC_SEQ_CST);
	futex_wake(&barrier->done, INT_MAX, FUTEX_SIDE_ANY);
}

void callback_barrier_wait(struct callback_barrier *barrier)
{
	while (!__atomic_load_n(&barrier->done, __ATOMIC_SEQ_CST))
		futex_wait(&barrier->done, 0, FUTEX_SIDE_ANY, 0);
}
