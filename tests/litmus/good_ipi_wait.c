// SPDX-License-Identifier: GPL-2.0-only
/*
 * good_ipi_wait.c - an acknowledged interrupt comes after the region with interrupts off that was open when it was
 * sent.
 */
#include "litmus.h"

static unsigned int cpu;

static void acknowledge(void *unused)
{
	(void)unused;
}

static void first(void)
{
	__atomic_store_n(&cpu, host_cpu_self(), __ATOMIC_RELAXED);
	host_irq_disable();
	long seen = shared;
	baton_pass(1);
	host_irq_enable();
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_ipi_send(__atomic_load_n(&cpu, __ATOMIC_RELAXED), acknowledge, NULL, true);
	shared++;
}
