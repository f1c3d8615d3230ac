// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject.c - faults on demand: allocations that fail and reschedules that are wanted, by chance or because a program
 * says so.
 *
 * Locking: each CPU has its own; only the counter is read by others.
 */
#include "internal.h"

struct injection {
	unsigned int alloc_in; /* allocations until one fails, that one included; 0: none */
	bool resched;
};

static struct injection injections[HOST_CPUS_MAX];
static uint64_t alloc_failures;

void host_inject_alloc_failure(unsigned int skip)
{
	injections[host_cpu_self()].alloc_in = skip + 1;
}

void host_inject_resched(void)
{
	injections[host_cpu_self()].resched = true;
}

void host_inject_nothing(void)
{
	injections[host_cpu_self()] = (struct injection){ 0 };
}

uint64_t host_alloc_failures(void)
{
	return relaxed_load(&alloc_failures);
}

static bool is_due(struct injection *injection)
{
	return unlikely(injection->alloc_in) && !--injection->alloc_in;
}

bool inject_alloc_failure(void)
{
	bool fails = is_due(&injections[host_cpu_self()]) || chance(relaxed_load(&host_settings.alloc_fail_ppm));

	if (fails)
		__atomic_add_fetch(&alloc_failures, 1, __ATOMIC_RELAXED);
	return fails;
}

bool inject_resched(void)
{
	struct injection *injection = &injections[host_cpu_self()];
	bool wanted = injection->resched;

	injection->resched = false;
	return wanted || chance(relaxed_load(&host_settings.resched_ppm));
}
