// SPDX-License-Identifier: GPL-2.0-only
/* good_spinlock_is_reader.c - a CPU that holds a spinning lock is an RCU reader. */
#include "litmus.h"

static struct host_lock lock;
static const struct host_lock_class class = { .name = "litmus" };

static void first(void)
{
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &class);
	long seen = shared;
	baton_pass(1);
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_rcu_synchronize();
	shared++;
}
