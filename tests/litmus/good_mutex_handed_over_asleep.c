// SPDX-License-Identifier: GPL-2.0-only
/* good_mutex_handed_over_asleep.c - a lock that was waited for asleep orders as one that was free. */
#include "litmus.h"

static struct host_lock lock;
static const struct host_lock_class class = { .name = "litmus", .sleeps = true };

static void first(void)
{
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &class);
	baton_pass(1);
	while (!host_lock_contended(&lock))
		host_yield();
	for (int i = 0; i < 1000; i++) /* until the other has gone to sleep */
		host_yield();
	shared++;
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
}

static void second(void)
{
	baton_await(1);
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &class);
	shared++;
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
}
