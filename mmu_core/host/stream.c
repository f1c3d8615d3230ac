// SPDX-License-Identifier: GPL-2.0-only
/* stream.c - a CPU's random stream, and its time slice. */
#include "cpu.h"

#define SLICE_NS 2000000
#define SLICE_CALLS 64 /* host_resched_wanted() calls between two looks at the clock */

void random_restart(struct host_cpu *cpu)
{
	cpu->random_generation = __atomic_load_n(&host_settings_generation, __ATOMIC_ACQUIRE);
	cpu->random_state = random_seed(relaxed_load(&host_settings.seed), cpu->name, cpu->number);
	backend_random_restart(cpu);
}

uint64_t host_random(void)
{
	struct host_cpu *cpu = this_cpu;
	uint64_t given;

	if (backend_random(&given))
		return given;
	random_refresh(cpu);
	return random_next(&cpu->random_state);
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

	thread_yield();
	cpu->resched_due = false;
	cpu->slice_start_ns = clock_ns();
}
