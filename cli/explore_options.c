// SPDX-License-Identifier: GPL-2.0-only
/* explore_options.c - what `mmutorture explore` and `mmutorture replay` can be asked for. */
#include "cli/explore.h"
#include "cli/lab.h"

#include "harness/schedule/policy.h"

/* A '|' behind the last one does no harm. */
#define SCENARIO(name, vm_types, threads, guest, roles, summary) #name "|"
static const char scenario_choices[] = "none|collision|"
#include "stress/scenarios.def"
	;
#undef SCENARIO

#define FIELD(field) offsetof(struct explore_options, field)

static const struct option_row explore_rows[] = {
	{ "scenario", OPTION_CHOICE, scenario_choices, 0, 0, 0, FIELD(scenario),
	  "in place of PROGRAM: small programs of these roles, on both types of VM, one after the other" },
	{ "policy", OPTION_CHOICE, POLICY_CHOICES, 0, 0, 0, FIELD(policy), "who runs next" },
	{ "one_in", OPTION_NUMBER, "N", 16, 1, 1000000, FIELD(one_in), "random: another CPU at one place of so many" },
	{ "depth", OPTION_NUMBER, "N", 3, 1, 32, FIELD(depth),
	  "pct: the bug's depth, one more than changes of priority" },
	{ "preemptions", OPTION_NUMBER, "N", 2, 0, 1000, FIELD(preemptions), "exhaustive: at most so many" },
	{ "site_cap", OPTION_NUMBER, "N", LAB_SITE_CAP, 0, 1000000, FIELD(site_cap),
	  "a CPU is preempted at a place in the code only the first times that it comes there; 0: each time" },
	{ "schedules", OPTION_NUMBER, "N", 0, 0, UINT64_MAX, FIELD(schedules), "how many; 0: no limit" },
	{ "seconds", OPTION_NUMBER, "N", 10, 0, 31536000, FIELD(seconds), "how long; 0: until --schedules or Ctrl-C" },
	{ "seed", OPTION_NUMBER, "N", 0, 0, UINT64_MAX, FIELD(seed), "of every random decision; 0: a new one" },
	{ "windows", OPTION_FLAG, NULL, 0, 0, 0, FIELD(windows),
	  "say how many schedules came into each window that a race needs (harness/schedule/windows.def)" },
	{ "output", OPTION_TEXT, "FILE", 0, 0, 0, FIELD(output),
	  "where a program that shows a finding is written, with its schedule (finding.mmut)" },
	{ "core", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(core), "the MMU under test (the first one that is built in)" },
};

const struct option_table explore_option_table = {
	.command = "mmutorture explore",
	.summary =
		"many schedules of one program, until one shows a finding.\n\n"
		"Exit code: 0 nothing found; 1 the program and its schedule are in the output, and show it each time;\n"
		"2 usage; 3 the harness is wrong; 77 no such machine or VM here",
	.rows = explore_rows,
	.nr_rows = sizeof(explore_rows) / sizeof(explore_rows[0]),
	.words = "[PROGRAM]",
};

#undef FIELD
#define FIELD(field) offsetof(struct replay_options, field)

static const struct option_row replay_rows[] = {
	{ "times", OPTION_NUMBER, "N", 1, 1, 1000000000, FIELD(times), "how often, each in a process of its own" },
	{ "core", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(core), "the MMU under test (the first one that is built in)" },
};

const struct option_table replay_option_table = {
	.command = "mmutorture replay",
	.summary = "a program under its schedule; the last line says how often it showed its finding.\n\n"
		   "Exit code: 0 it shows nothing; 1 it does; 2 usage; 3 two runs differ, or the harness is wrong;\n"
		   "77 no such machine or VM here",
	.rows = replay_rows,
	.nr_rows = sizeof(replay_rows) / sizeof(replay_rows[0]),
	.words = "FINDING",
};
