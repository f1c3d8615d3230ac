// SPDX-License-Identifier: GPL-2.0-only
/* good_rcu_synchronize.c - after a grace period the readers before it are over. */
#include "litmus.h"

static void first(void)
{
	host_rcu_read_lock();
	long seen = shared;
	baton_pass(1);
	host_rcu_read_unlock();
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_rcu_synchronize();
	shared++;
}
