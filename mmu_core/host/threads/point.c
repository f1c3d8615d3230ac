// SPDX-License-Identifier: GPL-2.0-only
/*
 * point.c - scheduling points of threads: now and then one delays or yields.
 *
 * A preemption is drawn by the number of points until it comes, so that a point which does nothing costs a decrement.
 * It may come anywhere, with locks held and interrupts off: a hypervisor's vCPU threads are preempted like that.
 */
#include "cpu.h"

bool points_armed;

void points_arm(bool on)
{
	relaxed_store(&points_armed, on);
}

/* Only a trace has to tell objects from each other. */
void memory_changes_owner(const void *start, size_t bytes)
{
	(void)start;
	(void)bytes;
}

void backend_random_restart(struct host_cpu *cpu)
{
	cpu->backend.point_state = ~cpu->random_state;
	cpu->backend.point_gap = random_gap(&cpu->backend.point_state, relaxed_load(&host_settings.preempt_ppm));
}

/*
 * Long waits let another thread through a whole operation, short ones only shift two instructions against each other.
 */
static void preempt(struct host_cpu *cpu)
{
	uint64_t draw = random_next(&cpu->backend.point_state);

	switch (draw % 4) {
	case 0:
		sleep_ns(1 + (draw >> 8) % 50000);
		break;
	case 1:
		for (uint64_t spins = (draw >> 8) % 200; spins; spins--)
			cpu_relax();
		break;
	default:
		thread_yield();
	}
}

void point_reached(struct host_cpu *cpu)
{
	if (unlikely(!cpu)) /* the kernel's start-up code, before there are CPUs */
		return;
	random_refresh(cpu);
	if (likely(--cpu->backend.point_gap))
		return;
	preempt(cpu);
	cpu->backend.point_gap = random_gap(&cpu->backend.point_state, relaxed_load(&host_settings.preempt_ppm));
}

void host_point(enum host_point_kind kind, const void *object)
{
	point(kind, object);
}

void host_point_at(enum host_point_kind kind, const void *object, const void *site)
{
	(void)site;
	point(kind, object);
}
