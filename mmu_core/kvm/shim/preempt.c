// SPDX-License-Identifier: GPL-2.0-only
/*
 * preempt.c - preemption count and interrupt flag.  Both make the CPU an RCU reader (kvm-in-userspace.md section 4),
 * which the host does; the kernel's own count is kept beside it, since KVM's assertions read it.
 */
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "shim.h"

/* real: lockdep_assert_irqs_disabled() and friends read these */
DEFINE_PER_CPU(int, hardirqs_enabled) = 1;
/* no-op: nobody runs in a hard interrupt's context here */
DEFINE_PER_CPU(int, hardirq_context);
/* no-op: lockdep never recurses into itself here */
DEFINE_PER_CPU(unsigned int, lockdep_recursion);

/* real */
unsigned long shim_irq_flags(void)
{
	return host_irq_disabled() ? 0 : X86_EFLAGS_IF;
}

/* real */
void shim_irq_disable(void)
{
	if (host_irq_disabled())
		return;
	host_irq_disable();
	raw_cpu_write(hardirqs_enabled, 0);
}

/* real */
void shim_irq_enable(void)
{
	if (!host_irq_disabled())
		return;
	raw_cpu_write(hardirqs_enabled, 1);
	host_irq_enable();
}

/* real */
void preempt_count_add(int value)
{
	__preempt_count_add(value);
	host_preempt_disable();
}

/* real */
void preempt_count_sub(int value)
{
	host_preempt_enable();
	__preempt_count_sub(value);
}

/* real */
unsigned int debug_smp_processor_id(void)
{
	return host_cpu_self();
}

/* no-op: a logical thread never changes its CPU, so per-cpu accesses are always safe */
void __this_cpu_preempt_check(const char *operation)
{
}

/* real */
void __local_bh_enable_ip(unsigned long ip, unsigned int count)
{
	host_preempt_enable();
	__preempt_count_sub(count);
}
