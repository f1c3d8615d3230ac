// SPDX-License-Identifier: GPL-2.0-only
/*
 * convert.c - `mmutorture convert IN OUT`: a program in another form, by the ends of the names.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "harness/program/layout.h"
#include "harness/program/program.h"
#include "stress/machine.h"

const struct option_table convert_option_table = {
	.command = "mmutorture convert",
	.summary = "a program in another form: OUT ends in .mmut (text) or .bin (bytes), IN in these or .layout",
	.words = "IN OUT",
};

/* Texts in other languages.  What is not here is text or bytes, as program_load() finds. */
static const struct language {
	const char *suffix;
	program_parser parse;
} languages[] = {
	{ ".mmut", program_parse },
	{ ".layout", layout_parse },
};

#define NR_LANGUAGES (sizeof(languages) / sizeof(languages[0]))

static bool ends_in(const char *path, const char *suffix)
{
	size_t length = strlen(path), end = strlen(suffix);

	return length >= end && !strcmp(path + length - end, suffix);
}

static bool load(const char *path, struct program *program)
{
	for (size_t i = 0; i < NR_LANGUAGES; i++) {
		if (ends_in(path, languages[i].suffix))
			return program_load_text(path, languages[i].parse, program, stderr);
	}
	return program_load(path, program, stderr);
}

static int convert(const char *in, const char *out)
{
	bool text = ends_in(out, ".mmut");
	struct program program;
	bool done;

	if (!text && !ends_in(out, ".bin")) {
		fprintf(stderr, "%s: '%s' ends neither in .mmut (text) nor in .bin (bytes)\n",
			convert_option_table.command, out);
		return EXIT_USAGE;
	}
	done = load(in, &program) && program_save(out, &program, text, stderr);
	program_free(&program);
	return done ? EXIT_OK : EXIT_USAGE;
}

int convert_command(int argc, char *const argv[])
{
	int words, result;

	if (!command_begin(&convert_option_table, argc, argv, NULL, &words, &result))
		return result;
	if (words != 2) {
		fprintf(stderr, "%s: from which file to which?  %s %s\n", convert_option_table.command,
			convert_option_table.command, convert_option_table.words);
		return EXIT_USAGE;
	}
	return convert(argv[0], argv[1]);
}
