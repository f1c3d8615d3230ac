// SPDX-License-Identifier: GPL-2.0-only
/* cpus.c - CPUs by what they are for. */
#include "harness/schedule/cpus.h"

#include <string.h>

#include "harness/run/run.h"

/* The host's first three have their places (host_init()). */
static const uint8_t first_cpus[] = { DECISION_CPU_MAIN, DECISION_CPU_RCU, DECISION_CPU_SRCU };

void cpu_names_begin(struct cpu_names *names)
{
	memset(names->name, 0, sizeof(names->name));
}

static bool is_stream(unsigned int host_cpu, unsigned int *stream)
{
	const char *name = host_cpu_name(host_cpu);

	for (*stream = 0; *stream < PROGRAM_THREADS_MAX; ++*stream) {
		if (name == run_stream_name(*stream))
			return true;
	}
	return false;
}

static uint8_t find(unsigned int host_cpu)
{
	unsigned int stream, kthread = 0;

	if (host_cpu < sizeof(first_cpus))
		return first_cpus[host_cpu];
	if (is_stream(host_cpu, &stream))
		return (uint8_t)stream;
	for (unsigned int i = sizeof(first_cpus); i < host_cpu; i++)
		kthread += host_cpu_is_online(i) && !is_stream(i, &stream);
	return (uint8_t)(DECISION_CPU_KTHREAD + kthread % (DECISION_CPUS - DECISION_CPU_KTHREAD));
}

unsigned int cpu_of_host(struct cpu_names *names, unsigned int host_cpu)
{
	const char *name = host_cpu_name(host_cpu);

	if (names->name[host_cpu] != name) {
		names->name[host_cpu] = name;
		names->cpu[host_cpu] = find(host_cpu);
	}
	return names->cpu[host_cpu];
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
