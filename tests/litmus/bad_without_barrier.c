// SPDX-License-Identifier: GPL-2.0-only
/* bad_without_barrier.c - what a callback did is used without rcu_barrier(). */
#include "litmus.h"

static void first(void)
{
	host_rcu_read_lock();
	long seen = shared;
	baton_pass(1);
	host_rcu_read_unlock();
	(void)seen;
}

static struct host_rcu_head head;
static uint32_t called;

static void note(struct host_rcu_head *unused)
{
	shared++;
	__atomic_store_n(&called, 1, __ATOMIC_RELAXED);
	(void)unused;
}

/* Seeing that the callback has run orders nothing: rcu_barrier() would. */
static void second(void)
{
	baton_await(1);
	host_rcu_call(&head, note);
	while (!__atomic_load_n(&called, __ATOMIC_RELAXED))
		host_yield();
	shared++;
}
