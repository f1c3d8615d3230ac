// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure.h - what `mmutorture bench` measures, in a small world of its own.
 *
 * Every figure is the best of several rounds, and the two sides of a ratio take turns, so that a machine that is busy
 * with something else spoils both or neither.  A call is a round, and makes a figure better or leaves it: all are 0
 * before the first.
 */
#ifndef CLI_MEASURE_H
#define CLI_MEASURE_H

#include "harness/world/world.h"

struct measure {
	struct world *world;
	uint64_t round_ns; /* of one contended round */
};

/* A world with two vCPUs and one 4K-mapped slot; 0 or -errno. */
int measure_begin(struct measure *measure, const struct mmu_core_ops *core, const struct mmu_core_config *config);
void measure_end(struct measure *measure);

/* Nanoseconds a fault that maps a page: the bare handler, and through KVM_RUN, the simulated CPU and the checks. */
struct measure_fault {
	double bare_ns;
	double whole_ns;
};
void measure_fault(const struct measure *measure, struct measure_fault *best);

/* Resolved faults a second of a vCPU thread that zaps what it has faulted in: alone; beside another and a zapper. */
struct measure_scaling {
	double alone;
	double each_of_two; /* mean of the two */
	double zaps; /* a second, beside the two */
};
void measure_scaling(const struct measure *measure, struct measure_scaling *best);

#endif
