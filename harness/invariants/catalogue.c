// SPDX-License-Identifier: GPL-2.0-only
/* catalogue.c - the table made of invariants.def, and its counters. */
#include "harness/invariants/catalogue.h"

#include <stdatomic.h>
#include <string.h>

static const struct invariant rows[INVARIANTS] = {
#define INVARIANT(id, when, statement, source) [INV_##id] = { #id, INVARIANT_##when, statement, source },
#include "harness/invariants.def"
#undef INVARIANT
};

struct counters {
	_Atomic uint64_t checks[INVARIANTS];
	_Atomic uint64_t failures[INVARIANTS];
} __attribute__((aligned(64)));

static HOST_OUTLIVES_RUNS struct counters counters[HOST_CPUS_MAX];

const struct invariant *invariant(enum invariant_id id)
{
	return &rows[id];
}

const char *invariant_when_name(enum invariant_when when)
{
	static const char *const names[] = {
		[INVARIANT_ALWAYS] = "always",
		[INVARIANT_QUIESCENT] = "quiescent",
		[INVARIANT_END_OF_OP] = "end of op",
		[INVARIANT_USE] = "use",
	};

	return names[when];
}

enum invariant_id invariant_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < INVARIANTS; i++)
		if (strcmp(rows[i].id, name) == 0)
			break;
	return i;
}

/* Only the CPU itself adds to its counters: no read-modify-write is needed, and none is paid for on each access. */
static void add(_Atomic uint64_t *counter, uint64_t times)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + times, memory_order_relaxed);
}

void invariant_count_checks(enum invariant_id id, uint64_t times)
{
	add(&counters[host_cpu_self()].checks[id], times);
}

void invariant_count_failure(enum invariant_id id)
{
	add(&counters[host_cpu_self()].failures[id], 1);
}

uint64_t invariant_checks(enum invariant_id id)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++)
		sum += atomic_load_explicit(&counters[cpu].checks[id], memory_order_relaxed);
	return sum;
}

uint64_t invariant_failures(enum invariant_id id)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++)
		sum += atomic_load_explicit(&counters[cpu].failures[id], memory_order_relaxed);
	return sum;
}

void invariant_counters_reset(void)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		for (unsigned int i = 0; i < INVARIANTS; i++) {
			atomic_store_explicit(&counters[cpu].checks[i], 0, memory_order_relaxed);
			atomic_store_explicit(&counters[cpu].failures[i], 0, memory_order_relaxed);
		}
	}
}
