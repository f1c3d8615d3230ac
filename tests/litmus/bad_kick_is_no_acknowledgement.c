// SPDX-License-Identifier: GPL-2.0-only
/* bad_kick_is_no_acknowledgement.c - a kick tells the sender nothing about what the target has left. */
#include "litmus.h"

static unsigned int cpu;

static void first(void)
{
	__atomic_store_n(&cpu, host_cpu_self(), __ATOMIC_RELAXED);
	host_irq_disable();
	long seen = shared;
	baton_pass(1);
	baton_await(2);
	host_irq_enable();
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_ipi_send(__atomic_load_n(&cpu, __ATOMIC_RELAXED), NULL, NULL, false);
	shared++;
	baton_pass(2);
}
