// SPDX-License-Identifier: GPL-2.0-only
/*
 * bad_two_readers_write.c - read sections are not ordered with each other, even when one is over before the other
 * begins.
 */
#include "litmus.h"

static struct host_lock lock;
static const struct host_lock_class class = { .name = "litmus" };

static void write_as_reader(void)
{
	host_lock_acquire(&lock, HOST_LOCK_SHARED, &lock, &class);
	shared++;
	host_lock_release(&lock, HOST_LOCK_SHARED, &lock);
}

static void first(void)
{
	write_as_reader();
	baton_pass(1);
}

static void second(void)
{
	baton_await(1);
	write_as_reader();
}
