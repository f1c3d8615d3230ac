/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * windows.h - in how many runs each window of windows.def was reached: races that no schedule comes near to are not
 * looked for, whatever their number.
 *
 * A window is seen through the points that CPUs pass, so what lies between two points counts as one moment.
 * Ownership: the caller's, zero-initialised, in memory that outlives runs (schedule.h).
 */
#ifndef HARNESS_SCHEDULE_WINDOWS_H
#define HARNESS_SCHEDULE_WINDOWS_H

#include <stdio.h>

#include "harness/program/decisions.h"
#include "mmu_core/schedule.h"

enum window_number {
#define EVENT(name, kind, functions)
#define WINDOW(name, text, ...) WINDOW_##name,
#include "harness/schedule/windows.def"
#undef EVENT
#undef WINDOW
	WINDOWS,
};

#define WINDOW_SITES (1u << 14)
#define WINDOW_MEANINGS 1024

struct windows {
	uint64_t reached[WINDOWS]; /* runs */
	uint64_t in_this_run, any_begun; /* a bit each */
	uint64_t failures; /* host_alloc_failures() at the last point */
	uint64_t begun[WINDOWS]; /* CPUs that have done the first step */
	struct window_progress {
		uint8_t step, other;
		uint32_t object;
	} progress[WINDOWS][DECISION_CPUS];
	/* What points stand for.  Most stand for nothing, and all are looked up: what is looked at is small. */
	struct window_site {
		uint32_t key; /* address and kind; 0: free */
		uint32_t meaning;
	} sites[WINDOW_SITES];
	struct window_meaning {
		uint64_t events, windows; /* a bit each; the windows that are about one of the events */
	} meanings[WINDOW_MEANINGS]; /* the first one: none */
	unsigned int nr_sites, nr_meanings;
};

void windows_begin(struct windows *windows); /* a run */
void windows_see(struct windows *windows, unsigned int cpu, const struct host_choice *point); /* @cpu of decisions.h */
/* A line for each that was reached. */
void windows_print(const struct windows *windows, uint64_t runs, FILE *stream);

#endif
