// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - `mmutorture COMMAND ...`.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "stress/machine.h"
#include "stress/stress.h"

static const struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char *const argv[]); /* argv[0] is the first option */
} commands[] = {
	{ "stress", "torture a core with concurrent threads", stress_command },
	{ "list", "cores, scenarios, roles and invariants", list_command },
	{ "bench", "what checking costs, as ratios taken in one run", bench_command },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *stream)
{
	fprintf(stream, "usage: mmutorture COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].summary);
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
	for (size_t i = 0; argc > 1 && i < NR_COMMANDS; i++) {
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
