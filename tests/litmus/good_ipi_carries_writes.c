// SPDX-License-Identifier: GPL-2.0-only
/*
 * good_ipi_carries_writes.c - what the sender wrote is seen by the function, and what the function wrote by a waiting
 * sender.
 */
#include "litmus.h"

static unsigned int cpu;

static void change(void *unused)
{
	shared++;
	(void)unused;
}

static void first(void)
{
	__atomic_store_n(&cpu, host_cpu_self(), __ATOMIC_RELAXED);
	host_irq_disable();
	baton_pass(1);
	while (!host_irq_pending())
		host_yield();
	host_irq_enable();
}

static void second(void)
{
	baton_await(1);
	shared++;
	host_ipi_send(__atomic_load_n(&cpu, __ATOMIC_RELAXED), change, NULL, true);
	shared++;
}
