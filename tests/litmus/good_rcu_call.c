// SPDX-License-Identifier: GPL-2.0-only
/* good_rcu_call.c - a callback comes after the readers before the call, and rcu_barrier() after the callback. */
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

static void change(struct host_rcu_head *unused)
{
	shared++;
	(void)unused;
}

static void second(void)
{
	baton_await(1);
	host_rcu_call(&head, change);
	host_rcu_barrier();
	shared++;
}
