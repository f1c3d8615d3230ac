// SPDX-License-Identifier: GPL-2.0-only
/*
 * said.c - see said.h.
 */
#include "harness/program/said.h"

#include <stdio.h>
#include <string.h>

#define TEXT(part, field) { #field, offsetof(struct program, part.field), sizeof(((struct program *)0)->part.field) }

static const struct said_row found[] = {
	TEXT(origin, core),
	TEXT(origin, kernel),
	TEXT(origin, flavour),
	TEXT(origin, finding),
	{ "seed", offsetof(struct program, origin.seed), 0 },
};

static const struct said_row expect[] = {
	TEXT(expectation, core),
	TEXT(expectation, finding),
	TEXT(expectation, source),
	TEXT(expectation, text),
};

const struct said_line said_lines[SAID_LINES] = {
	{ "found", found, sizeof(found) / sizeof(found[0]) },
	{ "expect", expect, sizeof(expect) / sizeof(expect[0]) },
};

static bool take_value(struct scanner *scanner, const struct said_row *row, struct word value, struct program *program)
{
	char *field = (char *)program + row->offset;

	if (!row->room)
		return word_number(scanner, value, UINT64_MAX, (uint64_t *)field);
	if (value.length >= row->room)
		return scan_fail(scanner, value.text, "%zu characters for '%s': at most %zu", value.length, row->name,
				 row->room - 1);
	memcpy(field, value.text, value.length);
	field[value.length] = 0;
	return true;
}

static bool no_such_row(struct scanner *scanner, const struct said_line *line, struct word name)
{
	char names[128] = "", shown[WORD_SHOWN];
	size_t used = 0;

	for (unsigned int i = 0; i < line->nr_rows; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? "|" : "", line->rows[i].name);
	return scan_fail(scanner, name.text, "'%s' is none of %s", word_show(name, shown), names);
}

bool parse_said(struct scanner *scanner, const struct said_line *line, struct program *program)
{
	unsigned int seen = 0;

	while (!scan_at_line_end(scanner)) {
		struct word name = scan_name(scanner), value;
		unsigned int i = 0;

		while (i < line->nr_rows && !word_is(name, line->rows[i].name))
			i++;
		if (i == line->nr_rows)
			return no_such_row(scanner, line, name);
		if (seen >> i & 1)
			return scan_fail(scanner, name.text, "'%s' stands there twice", line->rows[i].name);
		seen |= 1u << i;
		if (!scan_quoted(scanner, name, &value) || !take_value(scanner, &line->rows[i], value, program))
			return false;
	}
	return true;
}
