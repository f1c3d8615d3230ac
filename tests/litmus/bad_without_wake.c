// SPDX-License-Identifier: GPL-2.0-only
/* bad_without_wake.c - a flag is seen, but nobody was woken: a wait that was not needed orders nothing. */
#include "litmus.h"

static uint32_t woken;

static void first(void)
{
	shared++;
	__atomic_store_n(&woken, 1, __ATOMIC_RELAXED);
}

static void second(void)
{
	while (!__atomic_load_n(&woken, __ATOMIC_RELAXED))
		host_event_wait(&woken, host_event_key(&woken), 1000000);
	shared++;
}
