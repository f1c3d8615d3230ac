// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse.c - text as a program; print.c writes it, docs/OPS.md describes it.
 *
 * Operations are collected as they come and sorted into their streams at the end, so that the order of the sections of
 * a text costs nothing.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/program/parse_decision.h"
#include "harness/program/parse_value.h"
#include "harness/program/parts.h"
#include "harness/program/said.h"

enum section {
	SECTION_HEADER,
	SECTION_STREAM,
	SECTION_SCHEDULE,
};

struct parser {
	struct scanner scanner;
	struct program *program;
	enum section section;
	unsigned int stream; /* of SECTION_STREAM */
	size_t schedule_room;
	unsigned int machine_line, vm_line, schedule_line; /* where it stood; 0: not yet */
	unsigned int said_line[SAID_LINES];
	unsigned int stream_line[STREAMS];
};

/* False: it stood in @line already. */
static bool first_time(struct parser *parser, struct word word, unsigned int *line)
{
	if (*line)
		return scan_fail(&parser->scanner, word.text, "this section began in line %u: one of a kind", *line);
	*line = parser->scanner.line_number;
	return true;
}

/* ----------------------------------------------------------------------------------------------------------- header */

static bool parse_first_line(struct parser *parser)
{
	struct scanner *scanner = &parser->scanner;
	char shown[WORD_SHOWN];
	struct word word;
	uint64_t format;

	if (!scan_line(scanner))
		return scan_fail(scanner, scanner->line, "nothing is here: a program begins with 'mmut %u'",
				 PROGRAM_FORMAT);
	word = scan_name(scanner);
	if (!word_is(word, "mmut"))
		return scan_fail(scanner, word.text, "'%s': a program begins with 'mmut %u'", word_show(word, shown),
				 PROGRAM_FORMAT);
	word = scan_name(scanner);
	if (!word_number(scanner, word, UINT64_MAX, &format))
		return false;
	if (format != PROGRAM_FORMAT)
		return scan_fail(scanner, word.text, "format %" PRIu64 ": this reads format %u", format,
				 PROGRAM_FORMAT);
	return scan_line_ends(scanner);
}

static bool no_such_field(struct parser *parser, struct word name, bool machine)
{
	char shown[WORD_SHOWN], right[64];
	struct near_name near;

	near_begin(&near, name);
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		const struct program_field_row *row = &program_field_rows[i];

		if (row->machine == machine)
			near_try(&near, row->name, strlen(row->name));
		else if (word_is(name, row->name))
			return scan_fail(&parser->scanner, name.text, "'%s' belongs to the line '%s'", row->name,
					 machine ? "vm" : "machine");
	}
	return scan_fail(&parser->scanner, name.text, "'%s' has no '%s'; %s", machine ? "machine" : "vm",
			 word_show(name, shown),
			 near_show(&near, "docs/OPS.md lists what it has", right, sizeof(right)));
}

static bool parse_fields(struct parser *parser, bool machine)
{
	struct scanner *scanner = &parser->scanner;
	unsigned int seen = 0;

	while (!scan_at_line_end(scanner)) {
		struct word name = scan_name(scanner), value;
		unsigned int i = 0;
		uint64_t choice;

		while (i < PROGRAM_FIELDS_COUNT &&
		       (program_field_rows[i].machine != machine || !word_is(name, program_field_rows[i].name)))
			i++;
		if (i == PROGRAM_FIELDS_COUNT)
			return no_such_field(parser, name, machine);
		if (seen >> i & 1)
			return scan_fail(scanner, name.text, "'%s' stands there twice", program_field_rows[i].name);
		seen |= 1u << i;
		if (!scan_value(scanner, name, &value) ||
		    !parse_choice(scanner, program_field_rows[i].choices, value, &choice))
			return false;
		parser->program->field[i] = (uint8_t)choice;
	}
	return true;
}
_Static_assert(PROGRAM_FIELDS_COUNT <= 32, "one bit each in parse_fields()");

/* ------------------------------------------------------------------------------------------------------- operations */

static const struct op_row *op_find(struct word name)
{
	for (unsigned int i = 0; i < OPS_COUNT; i++) {
		if (*op_rows[i].name == *name.text && word_is(name, op_rows[i].name))
			return &op_rows[i];
	}
	return NULL;
}

static bool no_such_op(struct parser *parser, struct word name)
{
	char shown[WORD_SHOWN], right[64];
	struct near_name near;

	near_begin(&near, name);
	for (unsigned int i = 0; i < OPS_COUNT; i++)
		near_try(&near, op_rows[i].name, strlen(op_rows[i].name));
	return scan_fail(&parser->scanner, name.text, "no operation '%s'; %s", word_show(name, shown),
			 near_show(&near, "docs/OPS.md lists them", right, sizeof(right)));
}

static bool no_such_argument(struct parser *parser, const struct op_row *row, struct word name)
{
	char shown[WORD_SHOWN], right[64], all[96] = "it has none";
	struct near_name near;
	size_t length = 0;

	near_begin(&near, name);
	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		near_try(&near, row->argument[i].name, strlen(row->argument[i].name));
		length += (size_t)snprintf(&all[length], sizeof(all) - length, "%s%s", i ? " " : "it has ",
					   row->argument[i].name);
		HOST_ASSERT(length < sizeof(all));
	}
	return scan_fail(&parser->scanner, name.text, "%s has no argument '%s'; %s", row->name, word_show(name, shown),
			 near.name ? near_show(&near, "", right, sizeof(right)) : all);
}

/* The index of the argument called @name.  They mostly come in the order of the table: @expected is looked at first. */
static unsigned int argument_find(const struct op_row *row, struct word name, unsigned int expected)
{
	unsigned int i = 0;

	if (expected < row->nr_arguments && word_is(name, row->argument[expected].name))
		return expected;
	while (i < row->nr_arguments && !word_is(name, row->argument[i].name))
		i++;
	return i;
}

static bool parse_arguments(struct parser *parser, const struct op_row *row, struct op *op)
{
	struct scanner *scanner = &parser->scanner;
	unsigned int seen = 0, expected = 0;

	while (!scan_at_line_end(scanner)) {
		struct word name = scan_name(scanner), value;
		unsigned int i = argument_find(row, name, expected);

		if (i == row->nr_arguments)
			return no_such_argument(parser, row, name);
		if (seen >> i & 1)
			return scan_fail(scanner, name.text, "'%s' stands there twice", row->argument[i].name);
		seen |= 1u << i;
		if (!scan_value(scanner, name, &value) ||
		    !parse_value(scanner, row->argument[i].operand, value, &op->argument[i]))
			return false;
		expected = i + 1;
	}
	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		if (!(seen >> i & 1))
			return scan_fail(scanner, scanner->at, "%s needs '%s=...', too", row->name,
					 row->argument[i].name);
	}
	return true;
}

static bool parse_op(struct parser *parser, struct word name)
{
	const struct op_row *row = op_find(name);
	struct program *program = parser->program;
	struct op op;

	if (!row)
		return no_such_op(parser, name);
	if (parser->section == SECTION_HEADER)
		return scan_fail(&parser->scanner, name.text, "'%s' belongs below 'setup' or 'thread N'", row->name);
	if (program->nr_ops == PROGRAM_OPS_MAX)
		return scan_fail(&parser->scanner, name.text, "more than %u operations", PROGRAM_OPS_MAX);
	op = (struct op){ .code = (uint8_t)(row - op_rows), .thread = stream_thread(parser->stream) };
	if (!parse_arguments(parser, row, &op))
		return false;
	program_reserve(program, program->nr_ops + 1);
	program->ops[program->nr_ops++] = op;
	return true;
}

/* --------------------------------------------------------------------------------------------------------- schedule */

static bool schedule_append(struct parser *parser, const char *at, const uint8_t *bytes, size_t size)
{
	struct program *program = parser->program;

	if (size > PROGRAM_SCHEDULE_MAX - program->schedule_bytes)
		return scan_fail(&parser->scanner, at, "more than %u bytes of schedule", PROGRAM_SCHEDULE_MAX);
	if (size > parser->schedule_room - program->schedule_bytes) {
		parser->schedule_room = parser->schedule_room ? parser->schedule_room * 2 : 64;
		program->schedule = realloc(program->schedule, parser->schedule_room);
		HOST_ASSERT(program->schedule);
	}
	memcpy(program->schedule + program->schedule_bytes, bytes, size);
	program->schedule_bytes += size;
	return true;
}

static bool parse_schedule(struct parser *parser, struct word word)
{
	uint8_t bytes[SCHEDULE_HEAD_BYTES_MAX];
	uint64_t seed;

	parser->section = SECTION_SCHEDULE;
	return first_time(parser, word, &parser->schedule_line) && parse_schedule_head(&parser->scanner, &seed) &&
	       schedule_append(parser, word.text, bytes, schedule_head_encode(seed, bytes));
}

static bool parse_schedule_line(struct parser *parser, struct word word)
{
	uint8_t bytes[DECISION_BYTES_MAX];
	struct decision decision;

	return parse_decision(&parser->scanner, word, &decision) &&
	       schedule_append(parser, word.text, bytes, decision_encode(&decision, bytes));
}

/* --------------------------------------------------------------------------------------------------------- sections */

static bool parse_thread(struct parser *parser, struct word word)
{
	struct word number = scan_name(&parser->scanner);
	uint64_t thread;

	if (!word_number(&parser->scanner, number, PROGRAM_THREADS_MAX - 1, &thread) ||
	    !first_time(parser, word, &parser->stream_line[thread + 1]))
		return false;
	parser->section = SECTION_STREAM;
	parser->stream = (unsigned int)thread + 1;
	return scan_line_ends(&parser->scanner);
}

static bool header_only(struct parser *parser, struct word word)
{
	if (parser->section == SECTION_HEADER)
		return true;
	return scan_fail(&parser->scanner, word.text, "'%.*s' belongs above 'setup' and the threads", (int)word.length,
			 word.text);
}

static bool parse_line(struct parser *parser)
{
	struct word word = scan_name(&parser->scanner);

	for (unsigned int i = 0; i < SAID_LINES; i++) {
		if (word_is(word, said_lines[i].word))
			return header_only(parser, word) && first_time(parser, word, &parser->said_line[i]) &&
			       parse_said(&parser->scanner, &said_lines[i], parser->program);
	}
	if (word_is(word, "machine"))
		return header_only(parser, word) && first_time(parser, word, &parser->machine_line) &&
		       parse_fields(parser, true);
	if (word_is(word, "vm"))
		return header_only(parser, word) && first_time(parser, word, &parser->vm_line) &&
		       parse_fields(parser, false);
	if (word_is(word, "setup")) {
		parser->section = SECTION_STREAM;
		parser->stream = 0;
		return first_time(parser, word, &parser->stream_line[0]) && scan_line_ends(&parser->scanner);
	}
	if (word_is(word, "thread"))
		return parse_thread(parser, word);
	if (word_is(word, "schedule"))
		return parse_schedule(parser, word);
	if (parser->section == SECTION_SCHEDULE)
		return parse_schedule_line(parser, word);
	return parse_op(parser, word);
}

static bool parse_all(struct parser *parser, size_t size)
{
	if (size > PROGRAM_TEXT_MAX)
		return scan_fail(&parser->scanner, parser->scanner.line, "a text of %zu bytes: at most %u", size,
				 PROGRAM_TEXT_MAX);
	if (!parse_first_line(parser))
		return false;
	while (scan_line(&parser->scanner)) {
		if (!parse_line(parser))
			return false;
	}
	return true;
}

bool program_parse(const char *text, size_t size, struct program *program, struct program_error *error)
{
	struct parser parser = { .program = program };
	bool parsed;

	program_init(program);
	scan_begin(&parser.scanner, text, size, error);
	parsed = parse_all(&parser, size);
	if (parsed) {
		program_sort(program);
	} else {
		program_free(program);
		program_init(program);
	}
	return parsed;
}
