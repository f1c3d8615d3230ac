// SPDX-License-Identifier: GPL-2.0-only
/*
 * stall.c - notices waits that do not end and says who holds what.
 *
 * Every CPU notes what it waits for; the backend looks from time to time.  What it reads of other CPUs may be a moment
 * old: a wait of many seconds does not change under its eyes.
 */
#include <stdio.h>
#include <string.h>

#include "cpu.h"

#ifdef HOST_TSAN
#define STALL_NS 60000000000ULL
#else
#define STALL_NS 20000000000ULL
#endif

uint64_t stall_limit_ns = STALL_NS;

void wait_begin(const char *what, const void *object)
{
	struct host_cpu *cpu = this_cpu;

	relaxed_store(&cpu->wait_object, object);
	relaxed_store(&cpu->wait_since_ns, clock_ns());
	relaxed_store(&cpu->wait_what, what);
}

void wait_end(void)
{
	relaxed_store(&this_cpu->wait_what, NULL);
}

size_t stall_describe_holders(char *text, size_t bytes)
{
	size_t used = 0;

	*text = 0;
	for (unsigned int i = 0; i < HOST_CPUS_MAX && used < bytes - 1; i++) {
		char holds[160];

		if (!host_cpu_is_online(i) || !held_describe(&host_cpus[i], holds, sizeof(holds)))
			continue;
		used += (size_t)snprintf(text + used, bytes - used, "; CPU %u (%s) %s", i, host_cpu_name(i), holds);
	}
	return used;
}

static void report_stall(const struct host_cpu *waiter, const char *what, const void *object, uint64_t ns)
{
	char text[400];

	stall_describe_holders(text, sizeof(text));
	host_report(HOST_REPORT_STALL, NULL, 0, "CPU %u (%s) has waited %llu s in %s for %p%s", waiter->number,
		    waiter->name, (unsigned long long)(ns / 1000000000), what, object, text);
}

void stall_watch(void)
{
	static uint64_t reported_since_ns[HOST_CPUS_MAX]; /* only the watchdog comes here */
	uint64_t now_ns = clock_ns();

	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++) {
		const struct host_cpu *cpu = &host_cpus[i];
		const char *what = relaxed_load(&cpu->wait_what);
		uint64_t since_ns = relaxed_load(&cpu->wait_since_ns);

		if (!what || since_ns == reported_since_ns[i] || now_ns < since_ns + relaxed_load(&stall_limit_ns))
			continue;
		reported_since_ns[i] = since_ns;
		report_stall(cpu, what, relaxed_load(&cpu->wait_object), now_ns - since_ns);
	}
}
