// SPDX-License-Identifier: GPL-2.0-only
/*
 * reader.c - where a CPU becomes an RCU reader and stops being one: read sections, and regions without preemption.
 *
 * TSan is told of it (reader_exit(), cpu.h); it does not see this file, which touches the CPU's own words only.
 */
#include "cpu.h"

void host_rcu_read_lock(void)
{
	struct host_cpu *cpu = this_cpu;

	point(HOST_POINT_RCU, NULL);
	cpu->rcu_depth++;
	reader_enter(cpu);
}

void host_rcu_read_unlock(void)
{
	struct host_cpu *cpu = this_cpu;

	if (unlikely(!cpu->rcu_depth)) {
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "an RCU read section ends that did not begin");
		return;
	}
	cpu->rcu_depth--;
	reader_exit(cpu);
	point(HOST_POINT_RCU, NULL);
}

bool host_rcu_read_held(void)
{
	return this_cpu->reader_depth > 0;
}

void host_preempt_disable(void)
{
	struct host_cpu *cpu = this_cpu;

	cpu->preempt_depth++;
	atomic_enter(cpu);
}

void host_preempt_enable(void)
{
	struct host_cpu *cpu = this_cpu;

	if (unlikely(!cpu->preempt_depth)) {
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "preemption is enabled that was not disabled");
		return;
	}
	cpu->preempt_depth--;
	atomic_exit(cpu);
}
