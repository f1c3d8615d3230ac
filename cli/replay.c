// SPDX-License-Identifier: GPL-2.0-only
/* replay.c - `mmutorture replay FINDING`: a program under its schedule, and the same each time. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explore.h"
#include "cli/lab.h"
#include "cli/words.h"
#include "harness/schedule/compare.h"

struct job {
	struct replay_options options;
	const char *path;
	struct program program;
	struct lab lab;
	uint64_t shown_ns;
};

/* The first one is told in full. */
static int replay_first(struct job *job)
{
	const struct lab_outcome *outcome = &job->lab.again->outcome;
	char decision[DECISION_TEXT_MAX];
	int result = lab_replay(&job->lab, &job->program, false);

	if (result == EXIT_SKIPPED || result == EXIT_HARNESS || (result == EXIT_FINDING && !*outcome->finding))
		return result;
	memcpy(job->lab.first, job->lab.again, sizeof(*job->lab.first));
	if (outcome->missed) {
		decision_format(&outcome->first_missed, decision);
		printf("%zu decisions could not be followed, the first one: %s\n", outcome->missed, decision);
	}
	printf("%s, %" PRIu64 " points, trace %016" PRIx64 "\n",
	       *outcome->finding ? outcome->finding : "no new finding", outcome->points, outcome->hash);
	return EXIT_OK;
}

/* False: it was not the same, which is said. */
static bool replay_again(struct job *job, uint64_t number)
{
	const struct lab_board *first = job->lab.first, *again = job->lab.again;
	char text[512];

	lab_replay(&job->lab, &job->program, true);
	if (!schedule_same(&first->record, &again->record, text, sizeof(text)))
		fprintf(stderr, "%s: run %" PRIu64 " differs from the first: %s\n", replay_option_table.command, number,
			text);
	else if (strcmp(first->outcome.finding, again->outcome.finding) || first->outcome.hash != again->outcome.hash)
		fprintf(stderr, "%s: run %" PRIu64 " shows '%s', not '%s'\n", replay_option_table.command, number,
			again->outcome.finding, first->outcome.finding);
	else
		return true;
	return false;
}

/* What FINDING says it shows, else anything. */
static bool is_shown(const struct job *job)
{
	const char *wanted = job->program.origin.finding, *finding = job->lab.first->outcome.finding;

	return *wanted ? !strncmp(wanted, finding, strlen(wanted)) : *finding;
}

static int replay_times(struct job *job)
{
	uint64_t times = job->options.times, same = 1;
	int result = replay_first(job);

	if (result == EXIT_SKIPPED)
		printf("this core has no such VM: skipped\n");
	if (result != EXIT_OK)
		return result;
	while (same < times && replay_again(job, same + 1)) {
		same++;
		if (live_line_due(&job->shown_ns, false))
			printf("%s%" PRIu64 " of %" PRIu64 "%s", live_line_begin(), same, times, live_line_end(false));
	}
	if (!is_shown(job)) {
		if (*job->program.origin.finding)
			printf("%s%s is not shown\n", live_line_begin(), job->program.origin.finding);
		printf("%s0 of %" PRIu64 "%s", live_line_begin(), times, live_line_end(true));
		return same < times ? EXIT_HARNESS : *job->lab.first->outcome.finding ? EXIT_FINDING : EXIT_OK;
	}
	printf("%s%" PRIu64 " of %" PRIu64 "%s", live_line_begin(), same, times, live_line_end(true));
	return same < times ? EXIT_HARNESS : EXIT_FINDING;
}

static int run_job(struct job *job)
{
	const struct finding_run run = { .scenario = job->path, .command_line = "this one" };
	uint64_t seed = job->program.origin.seed ? job->program.origin.seed : 1;
	int error;

	printf("seed %" PRIu64 "\n", seed);
	fflush(stdout);
	program_machine(&job->program, &job->lab.config);
	job->lab.host = (struct host_config){ .seed = seed };
	error = lab_start(&job->lab, &run);
	if (error) {
		fprintf(stderr, "%s: %s: the core does not start, or there is no such machine (error %d)\n",
			replay_option_table.command, job->path, -error);
		return error == -EINVAL ? EXIT_USAGE : EXIT_HARNESS;
	}
	origin_tell(&job->program, job->lab.core);
	job->shown_ns = now_ns();
	return replay_times(job);
}

int replay_command(int argc, char *const argv[])
{
	const struct option_table *table = &replay_option_table;
	int words, result;
	static struct job job;

	if (!command_begin(table, argc, argv, &job.options, &words, &result))
		return result;
	if (words != 1) {
		fprintf(stderr, "%s: which program?  %s FINDING [OPTION...]\n", table->command, table->command);
		return EXIT_USAGE;
	}
	job.path = argv[0];
	job.lab.core = machine_find_core(job.options.core, table->command);
	if (!job.lab.core || !program_load(job.path, &job.program, stderr))
		return EXIT_USAGE;
	result = run_job(&job);
	program_free(&job.program);
	return result;
}
