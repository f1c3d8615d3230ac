// SPDX-License-Identifier: GPL-2.0-only
/*
 * generate.c - `mmutorture generate`: programs from a seed, and the dictionary for fuzzers that know nothing of them.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "harness/program/program.h"
#include "stress/machine.h"

struct generate_options {
	uint64_t seed, ops, threads;
	const char *output;
	bool dictionary;
};

#define FIELD(field) offsetof(struct generate_options, field)

static const struct option_row rows[] = {
	{ "seed", OPTION_NUMBER, "N", 1, 0, UINT64_MAX, FIELD(seed), "the same seed, the same program" },
	{ "ops", OPTION_NUMBER, "N", 64, 0, PROGRAM_OPS_MAX / 2, FIELD(ops), "operations behind those of the setup" },
	{ "threads", OPTION_NUMBER, "N", 2, 1, PROGRAM_THREADS_MAX, FIELD(threads), "among which they are divided" },
	{ "output", OPTION_TEXT, "FILE", 0, 0, 0, FIELD(output),
	  "write it there, as bytes if the name ends in .bin (text on standard output)" },
	{ "dictionary", OPTION_FLAG, NULL, 0, 0, 0, FIELD(dictionary),
	  "print words for libFuzzer (-dict=) and AFL++ (-x) instead" },
};

const struct option_table generate_option_table = {
	.command = "mmutorture generate",
	.summary = "a VM with memory, slots and files, and random operations on them, as a program",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

static int generate(const struct generate_options *options)
{
	const char *output = options->output;
	struct program program;
	bool done;

	program_generate(&program, options->seed, (unsigned int)options->threads, options->ops);
	if (output) {
		size_t length = strlen(output);
		bool bytes = length >= 4 && !strcmp(output + length - 4, ".bin");

		done = program_save(output, &program, !bytes, stderr);
	} else {
		done = program_print(&program, stdout) >= 0;
	}
	program_free(&program);
	return done ? EXIT_OK : EXIT_USAGE;
}

int generate_command(int argc, char *const argv[])
{
	struct generate_options options;
	int result;

	if (!command_begin(&generate_option_table, argc, argv, &options, NULL, &result))
		return result;
	if (options.dictionary)
		return program_print_dictionary(stdout) ? EXIT_USAGE : EXIT_OK;
	return generate(&options);
}
