/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * minimize.h - what a finding that has a schedule needs of the fibres backend to be minimised.
 *
 * A candidate runs under the schedule that the program before it had, and if that shows nothing any more, under some
 * others: so operations can go although the steps that decisions name are other ones then.
 */
#ifndef CLI_MINIMIZE_H
#define CLI_MINIMIZE_H

#include "cli/trial.h"

struct minimize_scheduled {
	/* In the program that has threads: the command is another one's.  NULL: here. */
	int (*hand_over)(int argc, char *const argv[]);

	/* Starts the core on @program's machine; 0 or -errno. */
	int (*start)(const struct mmu_core_ops *core, const struct program *program, uint64_t seed, uint64_t schedules);
	/* As trial_ask(); a candidate that shows it gets the schedule under which it does. */
	enum trial_answer (*ask)(struct program *candidate, const struct trial_target *target,
				 char first[TRIAL_NAME_MAX]);
	/*
	 * The one swap: on standard output, beside @output (.swap.mmut, .twin.mmut), and as JSON if @json is not NULL.
	 */
	bool (*tell)(const struct program *best, const struct trial_target *target, const char *output,
		     const char *json);
};

extern const struct minimize_scheduled minimize_scheduled;

#endif
