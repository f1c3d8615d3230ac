// SPDX-License-Identifier: GPL-2.0-only
/* good_srcu_synchronize.c - after an SRCU grace period the readers before it are over. */
#include "litmus.h"

static struct host_srcu *domain;

static void first(void)
{
	int index;

	while (!__atomic_load_n(&baton, __ATOMIC_ACQUIRE))
		host_yield();
	index = host_srcu_read_lock(domain);
	long seen = shared;
	baton_pass(2);
	host_srcu_read_unlock(domain, index);
	(void)seen;
}

static void second(void)
{
	domain = host_srcu_create();
	__atomic_store_n(&baton, 1, __ATOMIC_RELEASE);
	baton_await(2);
	host_srcu_synchronize(domain);
	shared++;
}
