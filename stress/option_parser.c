// SPDX-License-Identifier: GPL-2.0-only
/*
 * option_parser.c - command-line options from a table of rows.
 */
#include "stress/option_parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS 34

/* Length of the choice that starts at @choices. */
static size_t choice_length(const char *choices)
{
	return strcspn(choices, "|");
}

static bool choice_find(const char *choices, const char *text, uint64_t *index)
{
	uint64_t i = 0;

	for (const char *at = choices; *at; i++) {
		size_t length = choice_length(at);

		if (strlen(text) == length && !strncmp(text, at, length)) {
			*index = i;
			return true;
		}
		at += length + (at[length] == '|');
	}
	return false;
}

const char *option_choice(const char *choices, uint64_t index, char *text, size_t room)
{
	const char *at = choices;

	while (index-- && *at) {
		at += choice_length(at);
		at += *at == '|';
	}
	snprintf(text, room, "%.*s", (int)choice_length(at), at);
	return text;
}

/* "--name" as @argument spells it: '-' for '_', and an end of string or '=' behind it. */
static bool names_row(const char *argument, const struct option_row *row)
{
	const char *name = row->name;

	if (strncmp(argument, "--", 2))
		return false;
	for (argument += 2; *name; name++, argument++) {
		if (*argument != (*name == '_' ? '-' : *name))
			return false;
	}
	return !*argument || *argument == '=';
}

static void print_name(const struct option_row *row, FILE *stream)
{
	fputs("--", stream);
	for (const char *name = row->name; *name; name++)
		fputc(*name == '_' ? '-' : *name, stream);
}

static bool parse_number(const char *text, const struct option_row *row, uint64_t *number)
{
	char *end;

	/* strtoull() takes "-1" for a large number and "" for 0. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && !*end && *number >= row->min && *number <= row->max;
}

static bool store(const struct option_table *table, const struct option_row *row, const char *text, void *fields,
		  FILE *errors)
{
	void *field = (char *)fields + row->offset;

	switch (row->kind) {
	case OPTION_NUMBER:
		if (parse_number(text, row, field))
			return true;
		fprintf(errors, "%s: ", table->command);
		print_name(row, errors);
		fprintf(errors, ": '%s' is not a number from %llu to %llu\n", text, (unsigned long long)row->min,
			(unsigned long long)row->max);
		return false;
	case OPTION_CHOICE:
		if (choice_find(row->value, text, field))
			return true;
		fprintf(errors, "%s: ", table->command);
		print_name(row, errors);
		fprintf(errors, ": '%s' is none of %s\n", text, row->value);
		return false;
	case OPTION_TEXT:
		*(const char **)field = text;
		return true;
	case OPTION_FLAG:
		*(bool *)field = true;
		return true;
	}
	return false;
}

static void store_preset(const struct option_row *row, void *fields)
{
	void *field = (char *)fields + row->offset;

	switch (row->kind) {
	case OPTION_NUMBER:
	case OPTION_CHOICE:
		*(uint64_t *)field = row->preset;
		break;
	case OPTION_TEXT:
		*(const char **)field = NULL;
		break;
	case OPTION_FLAG:
		*(bool *)field = false;
		break;
	}
}

static const struct option_row *find_row(const struct option_table *table, const char *argument)
{
	for (size_t i = 0; i < table->nr_rows; i++) {
		if (names_row(argument, &table->rows[i]))
			return &table->rows[i];
	}
	return NULL;
}

int option_words(int argc, char *const argv[])
{
	int words = 0;

	while (words < argc && argv[words][0] != '-')
		words++;
	return words;
}

enum option_result option_parse(const struct option_table *table, int argc, char *const argv[], void *fields,
				FILE *errors)
{
	for (size_t i = 0; i < table->nr_rows; i++)
		store_preset(&table->rows[i], fields);

	for (int i = 0; i < argc; i++) {
		const struct option_row *row = find_row(table, argv[i]);
		const char *text = strchr(argv[i], '=');

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return OPTION_HELP;
		if (!row && argv[i][0] != '-') {
			fprintf(errors, "%s: '%s' is no option: files come first, then options\n", table->command,
				argv[i]);
			return OPTION_BAD;
		}
		if (!row) {
			fprintf(errors, "%s: no option '%s'; '%s --help' lists them\n", table->command, argv[i],
				table->command);
			return OPTION_BAD;
		}
		if (row->kind == OPTION_FLAG && text) {
			fprintf(errors, "%s: '%s': this option takes no value\n", table->command, argv[i]);
			return OPTION_BAD;
		}
		if (text)
			text++;
		else if (row->kind != OPTION_FLAG)
			text = ++i < argc ? argv[i] : NULL;
		if (!text && row->kind != OPTION_FLAG) {
			fprintf(errors, "%s: %s needs a value: %s\n", table->command, argv[i - 1], row->value);
			return OPTION_BAD;
		}
		if (!store(table, row, text, fields, errors))
			return OPTION_BAD;
	}
	return OPTION_PARSED;
}

static void print_preset(const struct option_row *row, FILE *stream)
{
	char choice[64];

	if (row->kind == OPTION_NUMBER)
		fprintf(stream, " (%llu)", (unsigned long long)row->preset);
	else if (row->kind == OPTION_CHOICE)
		fprintf(stream, " (%s)", option_choice(row->value, row->preset, choice, sizeof(choice)));
}

void option_print_help(const struct option_table *table, FILE *stream)
{
	fprintf(stream, "%s%s%s - %s\n", table->command, table->words ? " " : "", table->words ? table->words : "",
		table->summary);
	if (table->nr_rows)
		fprintf(stream, "\nOptions, with what they are when not given in parentheses:\n");
	for (size_t i = 0; i < table->nr_rows; i++) {
		const struct option_row *row = &table->rows[i];
		int columns = (int)strlen(row->name) + 4 + (row->kind == OPTION_FLAG ? 0 : 1 + (int)strlen(row->value));

		fputs("  ", stream);
		print_name(row, stream);
		if (row->kind != OPTION_FLAG)
			fprintf(stream, " %s", row->value);
		if (columns >= NAME_COLUMNS)
			fprintf(stream, "\n%*s", NAME_COLUMNS, "");
		else
			fprintf(stream, "%*s", NAME_COLUMNS - columns, "");
		fputs(row->help, stream);
		print_preset(row, stream);
		fputc('\n', stream);
	}
}

void option_print_changed(const struct option_table *table, const void *fields, FILE *stream)
{
	for (size_t i = 0; i < table->nr_rows; i++) {
		const struct option_row *row = &table->rows[i];
		const void *field = (const char *)fields + row->offset;
		uint64_t number = row->preset;
		const char *text = NULL;
		bool flag = false;
		char choice[64];

		if (row->kind == OPTION_FLAG)
			flag = *(const bool *)field;
		else if (row->kind == OPTION_TEXT)
			text = *(const char *const *)field;
		else
			number = *(const uint64_t *)field;

		if (number == row->preset && !text && !flag)
			continue;
		fputc(' ', stream);
		print_name(row, stream);
		if (row->kind == OPTION_NUMBER)
			fprintf(stream, " %llu", (unsigned long long)number);
		else if (row->kind == OPTION_CHOICE)
			fprintf(stream, " %s", option_choice(row->value, number, choice, sizeof(choice)));
		else if (text)
			fprintf(stream, " %s", text);
	}
}
