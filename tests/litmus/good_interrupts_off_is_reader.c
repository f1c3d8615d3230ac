// SPDX-License-Identifier: GPL-2.0-only
/* good_interrupts_off_is_reader.c - a CPU with interrupts off is an RCU reader. */
#include "litmus.h"

static void first(void)
{
	host_irq_disable();
	long seen = shared;
	baton_pass(1);
	host_irq_enable();
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_rcu_synchronize();
	shared++;
}
