// SPDX-License-Identifier: GPL-2.0-only
/* bad_without_lock.c - two writers without a lock. */
#include "litmus.h"

static void first(void)
{
	shared++;
	baton_pass(1);
}

static void second(void)
{
	baton_await(1);
	shared++;
}
