/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpus.h - which CPU of decisions.h a CPU of the host is, and the other way round.
 *
 * By what it is for, which its name says, so that a decision means the same when a thread is taken out of a program.
 * Streams have their CPUs from before the run; the core's own threads are called by the place of their numbers among
 * those that are left.
 */
#ifndef HARNESS_SCHEDULE_CPUS_H
#define HARNESS_SCHEDULE_CPUS_H

#include "harness/program/decisions.h"
#include "mmu_core/schedule.h"

struct cpu_names {
	uint64_t streams; /* CPUs that belonged to streams when the run began */
	const char *name[HOST_CPUS_MAX]; /* under which it was known */
	uint8_t cpu[HOST_CPUS_MAX];
};

void cpu_names_begin(struct cpu_names *names); /* a run */
unsigned int cpu_of_host(struct cpu_names *names, unsigned int host_cpu);
/* The same of the running one, which is what it was when it began, also when its thread is over and the name gone. */
unsigned int cpu_of_running(struct cpu_names *names, const struct host_choice *choice);
/* One of @enabled that is @cpu; HOST_CPUS_MAX: none. */
unsigned int cpu_to_host(struct cpu_names *names, unsigned int cpu, uint64_t enabled);

#endif
