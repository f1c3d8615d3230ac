// SPDX-License-Identifier: GPL-2.0-only
/* bad_other_domain.c - a grace period of another SRCU domain. */
#include "litmus.h"

static struct host_srcu *domain, *other;

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
	other = host_srcu_create();
	__atomic_store_n(&baton, 1, __ATOMIC_RELEASE);
	baton_await(2);
	host_srcu_synchronize(other);
	shared++;
}
