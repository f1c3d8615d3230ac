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

#include "harness/schedule/events.h"

enum window_number {
#define WINDOW(name, text, ...) WINDOW_##name,
#include "harness/schedule/windows.def"
#undef WINDOW
	WINDOWS,
};

struct windows {
	uint64_t reached[WINDOWS]; /* runs */
	uint64_t in_this_run, any_begun; /* a bit each */
	uint64_t failures; /* host_alloc_failures() at the last point */
	uint64_t begun[WINDOWS]; /* CPUs that have done the first step */
	struct window_progress {
		uint8_t step, other;
		uint32_t object;
	} progress[WINDOWS][DECISION_CPUS];
	uint64_t about[EVENTS]; /* windows that have such a step, a bit each */
};

void windows_begin(struct windows *windows); /* a run */
void windows_see(struct windows *windows, unsigned int cpu, const struct host_choice *point); /* @cpu of decisions.h */
/* A line for each that was reached. */
void windows_print(const struct windows *windows, uint64_t runs, FILE *stream);

#endif
