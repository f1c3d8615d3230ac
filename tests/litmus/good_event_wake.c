// SPDX-License-Identifier: GPL-2.0-only
/* good_event_wake.c - what was written before a wake is seen after the wait. */
#include "litmus.h"

static void first(void)
{
	baton_await(1);
	shared++;
	host_event_wake(&baton);
}

static void second(void)
{
	uint32_t key = host_event_key(&baton);

	baton_pass(1);
	while (host_event_key(&baton) == key)
		host_event_wait(&baton, key, 0);
	shared++;
}
