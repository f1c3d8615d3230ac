// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - `mmutorture COMMAND ...`.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "stress/machine.h"
#include "stress/options.h"
#include "stress/stress.h"

const struct command commands[] = {
	{ "stress", "torture a core with concurrent threads", stress_command, &stress_option_table },
	{ "run", "do what a program says", run_command, &run_option_table },
	{ "explore", "many schedules of a program, until one shows a finding", explore_command, &explore_option_table },
	{ "replay", "a program under its schedule, the same each time", replay_command, &replay_option_table },
	{ "minimize", "the smallest program that shows the same finding", minimize_command, &minimize_option_table },
	{ "diff", "a program on two cores, and what differs", diff_command, &diff_option_table },
	{ "check", "whether files are programs", check_command, &check_option_table },
	{ "convert", "programs between text and bytes", convert_command, &convert_option_table },
	{ "generate", "a program from a seed", generate_command, &generate_option_table },
	{ "list", "cores, scenarios, roles and invariants", list_command, NULL },
	{ "bench", "what checking costs, as ratios taken in one run", bench_command, &bench_option_table },
	{ "findings", "what nights have found (ci/nightly)", findings_command, NULL },
	{ "report", "a night as a page, and as files for machines", report_command, NULL },
	{ "completion", "completion for bash", completion_command, &completion_option_table },
};

const size_t nr_commands = sizeof(commands) / sizeof(commands[0]);

static void usage(FILE *stream)
{
	fprintf(stream, "usage: mmutorture COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < nr_commands; i++)
		fprintf(stream, "  %-11s %s\n", commands[i].name, commands[i].summary);
	fprintf(stream, "\n'mmutorture COMMAND --help' lists the options of a command.\n"
			"exit code: 0 nothing found, 1 the core is wrong, 2 usage, 3 the harness is wrong\n");
}

int main(int argc, char *argv[])
{
	int result;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))) {
		usage(stdout);
		return EXIT_OK;
	}
	for (size_t i = 0; argc > 1 && i < nr_commands; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		result = commands[i].run(argc - 2, argv + 2);
		/* After a finding threads may be stuck in the core, and what they hold is no leak of ours. */
		fflush(NULL);
		if (result == EXIT_FINDING)
			_exit(result);
		return result;
	}
	if (argc > 1)
		fprintf(stderr, "mmutorture: no command '%s'; 'mmutorture --help' lists them\n", argv[1]);
	else
		usage(stderr);
	return EXIT_USAGE;
}
