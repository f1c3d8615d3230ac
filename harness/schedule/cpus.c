// SPDX-License-Identifier: GPL-2.0-only
/* cpus.c - CPUs by what they are for. */
#include "harness/schedule/cpus.h"

#include <string.h>

#include "harness/run/run.h"

#define KTHREADS_AFTER_STREAMS (DECISION_CPUS - DECISION_CPU_KTHREAD - PROGRAM_THREADS_MAX)

/* The host's first three have their places (host_init()). */
static const uint8_t first_cpus[] = { DECISION_CPU_MAIN, DECISION_CPU_RCU, DECISION_CPU_SRCU };

static bool is_stream(unsigned int host_cpu, unsigned int *stream)
{
	const char *name = host_cpu_name(host_cpu);

	for (*stream = 0; *stream < PROGRAM_THREADS_MAX; ++*stream) {
		if (name == run_stream_name(*stream))
			return true;
	}
	return false;
}

void cpu_names_begin(struct cpu_names *names)
{
	unsigned int stream;

	*names = (struct cpu_names){ 0 };
	for (unsigned int i = sizeof(first_cpus); i < HOST_CPUS_MAX; i++) {
		if (host_cpu_is_online(i) && is_stream(i, &stream))
			names->streams |= 1ull << i;
	}
}

static uint8_t find(const struct cpu_names *names, unsigned int host_cpu)
{
	uint64_t below = (1ull << host_cpu) - 1, others = ~names->streams & ~((1ull << sizeof(first_cpus)) - 1);
	unsigned int stream, kthread;

	if (host_cpu < sizeof(first_cpus))
		return first_cpus[host_cpu];
	if (is_stream(host_cpu, &stream))
		return (uint8_t)stream;
	if (others >> host_cpu & 1)
		kthread = (unsigned int)__builtin_popcountll(others & below) % KTHREADS_AFTER_STREAMS;
	else /* a stream had it, and is over */
		kthread = KTHREADS_AFTER_STREAMS + (unsigned int)__builtin_popcountll(names->streams & below);
	return (uint8_t)(DECISION_CPU_KTHREAD + kthread);
}

unsigned int cpu_of_host(struct cpu_names *names, unsigned int host_cpu)
{
	const char *name = host_cpu_name(host_cpu);

	if (names->name[host_cpu] != name) {
		names->name[host_cpu] = name;
		names->cpu[host_cpu] = find(names, host_cpu);
	}
	return names->cpu[host_cpu];
}

unsigned int cpu_of_running(struct cpu_names *names, const struct host_choice *choice)
{
	if (choice->own_step && names->name[choice->running])
		return names->cpu[choice->running];
	return cpu_of_host(names, choice->running);
}

unsigned int cpu_to_host(struct cpu_names *names, unsigned int cpu, uint64_t enabled)
{
	for (; enabled; enabled &= enabled - 1) {
		unsigned int host_cpu = (unsigned int)__builtin_ctzll(enabled);

		if (cpu_of_host(names, host_cpu) == cpu)
			return host_cpu;
	}
	return HOST_CPUS_MAX;
}
