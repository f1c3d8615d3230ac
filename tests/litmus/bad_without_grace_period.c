// SPDX-License-Identifier: GPL-2.0-only
/* bad_without_grace_period.c - a write behind a reader's back. */
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
	shared++;
}
