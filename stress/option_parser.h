// SPDX-License-Identifier: GPL-2.0-only
/*
 * option_parser.h - command-line options from a table of rows: parsing, errors and help come from the same rows.
 *
 * Options are written --name VALUE or --name=VALUE; a row's name says '_' where the command line says '-'.  Words that
 * are no options (files) come before them.
 * Errors: one line on the given stream that says what is wrong and what would be right; the caller exits with 2.
 */
#ifndef STRESS_OPTION_PARSER_H
#define STRESS_OPTION_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
	OPTION_NUMBER, /* uint64_t, min..max; decimal, 0x hex or 0 octal */
	OPTION_CHOICE, /* uint64_t: index into choices, which are separated by '|' */
	OPTION_TEXT, /* const char *, kept by reference */
	OPTION_FLAG, /* bool, no value */
};

struct option_row {
	const char *name;
	enum option_kind kind;
	const char *value; /* what help calls the value; of a CHOICE: the choices */
	uint64_t preset; /* NUMBER, CHOICE */
	uint64_t min, max; /* NUMBER */
	size_t offset; /* of the field in the structure that is filled */
	const char *help;
};

struct option_table {
	const char *command; /* as the user typed it, for messages */
	const char *summary;
	const struct option_row *rows;
	size_t nr_rows;
	const char *words; /* what help calls the words before the options; NULL: there are none */
};

enum option_result {
	OPTION_PARSED,
	OPTION_HELP, /* --help was asked for */
	OPTION_BAD, /* a line was written to @errors */
};

/* How many words there are before the options; option_parse() wants what is behind them. */
int option_words(int argc, char *const argv[]);

/* Fills @fields, presets first.  @argv[0] is the first option, not the command. */
enum option_result option_parse(const struct option_table *table, int argc, char *const argv[], void *fields,
				FILE *errors);
void option_print_help(const struct option_table *table, FILE *stream);

/* The choice at @index, as text in @room bytes of @text; returns @text. */
const char *option_choice(const char *choices, uint64_t index, char *text, size_t room);

/* Writes --name VALUE for every option that differs from its preset; what a replay line needs. */
void option_print_changed(const struct option_table *table, const void *fields, FILE *stream);

#endif
