// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - `mmutorture check FILE...`: are these programs?  One line a file, on standard output if it is one, else on
 * standard error; nothing is run.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "harness/program/program.h"
#include "stress/machine.h"

const struct option_table check_option_table = {
	.command = "mmutorture check",
	.summary = "whether each file is a program, and where not: line, column, what would be right",
	.words = "FILE...",
};

static bool check(const char *path)
{
	struct program program;
	bool loaded = program_load(path, &program, stderr);

	if (loaded)
		printf("%s: ok, operations: %zu, threads: %u\n", path, program.nr_ops, program_threads(&program));
	program_free(&program);
	return loaded;
}

int check_command(int argc, char *const argv[])
{
	int words, result;

	if (!command_begin(&check_option_table, argc, argv, NULL, &words, &result))
		return result;
	result = EXIT_OK;
	if (!words) {
		fprintf(stderr, "%s: which files?  %s %s\n", check_option_table.command, check_option_table.command,
			check_option_table.words);
		return EXIT_USAGE;
	}
	for (int i = 0; i < words; i++) {
		if (!check(argv[i]))
			result = EXIT_USAGE;
	}
	return result;
}
