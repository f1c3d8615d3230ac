/* SPDX-License-Identifier: GPL-2.0-only */
/* explore.h - the options of `mmutorture explore` and `mmutorture replay`, which both executables have. */
#ifndef CLI_EXPLORE_H
#define CLI_EXPLORE_H

#include "cli/commands.h"

struct explore_options {
	const char *core, *output;
	uint64_t scenario; /* 0: none, 1: collision, then scenarios[] */
	uint64_t policy; /* enum policy_kind */
	uint64_t one_in, depth, preemptions, site_cap;
	uint64_t schedules, seconds, seed;
	bool windows;
};

struct replay_options {
	const char *core;
	uint64_t times;
};

#endif
