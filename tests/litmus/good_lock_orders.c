// SPDX-License-Identifier: GPL-2.0-only
/* good_lock_orders.c - what is written under a lock is ordered for the next holder. */
#include "litmus.h"

static struct host_lock lock;
static const struct host_lock_class class = { .name = "litmus" };

static void add(void)
{
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &class);
	shared++;
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
}

static void first(void)
{
	add();
	baton_pass(1);
}

static void second(void)
{
	baton_await(1);
	add();
}
