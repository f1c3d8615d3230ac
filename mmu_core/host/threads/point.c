// SPDX-License-Identifier: GPL-2.0-only
/*
 * point.c - scheduling points, time slices and the CPU's random stream.
 *
 * A preemption is drawn by the number of points until it comes, so that a point which does nothing costs a decrement.
 * It may come anywhere, with locks held and interrupts off: a hypervisor's vCPU threads are preempted like that.
 */
#include <sched.h>

#include "threads.h"

#define SLICE_NS 2000000
#define SLICE_CALLS 64 /* host_resched_wanted() calls between two looks at the clock */

bool points_armed;

void points_arm(bool on)
{
	relaxed_store(&points_armed, on);
}

void random_restart(struct host_cpu *cpu)
{
	cpu->random_generation = __atomic_load_n(&host_settings_generation, __ATOMIC_ACQUIRE);
	cpu->random_state = random_seed(relaxed_load(&host_settings.seed), cpu->name, cpu->number);
	cpu->point_state = ~cpu->random_state;
	cpu->point_gap = random_gap(&cpu->point_state, relaxed_load(&host_settings.preempt_ppm));
}

static inline void random_refresh(struct host_cpu *cpu)
{
	if (unlikely(cpu->random_generation != relaxed_load(&host_settings_generation)))
		random_restart(cpu);
}

uint64_t host_random(void)
{
	struct host_cpu *cpu = this_cpu;

	random_refresh(cpu);
	return random_next(&cpu->random_state);
}

/*
 * Long waits let another thread through a whole operation, short ones only shift two instructions against each other.
 */
static void preempt(struct host_cpu *cpu)
{
	uint64_t draw = random_next(&cpu->point_state);

	switch (draw % 4) {
	case 0:
		sleep_ns(1 + (draw >> 8) % 50000);
		break;
	case 1:
		for (uint64_t spins = (draw >> 8) % 200; spins; spins--)
			cpu_relax();
		break;
	default:
		sched_yield();
	}
}

void point_reached(struct host_cpu *cpu)
{
	if (unlikely(!cpu)) /* the kernel's start-up code, before there are CPUs */
		return;
	random_refresh(cpu);
	if (likely(--cpu->point_gap))
		return;
	preempt(cpu);
	cpu->point_gap = random_gap(&cpu->point_state, relaxed_load(&host_settings.preempt_ppm));
}

void host_point(enum host_point_kind kind, const void *object)
{
	point(kind, object);
}

bool host_resched_wanted(void)
{
	struct host_cpu *cpu = this_cpu;

	point(HOST_POINT_RESCHED, NULL);
	if (cpu->resched_due || inject_resched())
		return true;
	if (likely(cpu->resched_gap--))
		return false;
	cpu->resched_gap = SLICE_CALLS;
	cpu->resched_due = clock_ns() - cpu->slice_start_ns > SLICE_NS;
	return cpu->resched_due;
}

void host_yield(void)
{
	struct host_cpu *cpu = this_cpu;

	sched_yield();
	cpu->resched_due = false;
	cpu->slice_start_ns = clock_ns();
}
