// SPDX-License-Identifier: GPL-2.0-only
/*
 * print.c - a program as text; parse.c reads it.
 *
 * Lines of operations are put together by hand: programs are printed and parsed by the million (tests/property).
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "harness/program/decisions.h"
#include "harness/program/parts.h"
#include "harness/program/said.h"

#define SMALL 1024 /* numbers below are printed in decimal */

/* ------------------------------------------------------------------------------------------------------- operations */

static char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_digits(char *at, uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (count)
		*at++ = digits[--count];
	return at;
}

static char *put_number(char *at, uint64_t value)
{
	if (value < SMALL)
		return put_digits(at, value, 10);
	return put_digits(put_text(at, "0x"), value, 16);
}

static char *put_hva(char *at, uint64_t hva)
{
	uint64_t offset = hva - HOST_HVA_BASE;

	if (hva < HOST_HVA_BASE || offset >= PROGRAM_AREAS * PROGRAM_AREA_BYTES)
		return put_digits(put_text(at, "0x"), hva, 16);
	*at++ = 'a';
	at = put_digits(at, offset / PROGRAM_AREA_BYTES, 10);
	*at++ = '+';
	return put_number(at, offset % PROGRAM_AREA_BYTES);
}

/* The choice at @index of what is left of @choices. */
static char *put_choice(char *at, const char *choices, uint64_t index)
{
	while (index--)
		choices = strchr(choices, '|') + 1;
	while (*choices && *choices != '|')
		*at++ = *choices++;
	return at;
}

static char *put_set(char *at, const char *choices, uint64_t set)
{
	if (!set)
		return put_text(at, "none");
	for (uint64_t index = 0; set >> index; index++) {
		if (!(set >> index & 1))
			continue;
		at = put_choice(at, choices, index);
		if (set >> index > 1)
			*at++ = '+';
	}
	return at;
}

static char *put_value(char *at, const struct operand_row *row, uint64_t value)
{
	switch (row->form) {
	case OPERAND_FORM_INDEX:
		return put_digits(at, value, 10);
	case OPERAND_FORM_CHOICE:
		return put_choice(at, row->choices, value);
	case OPERAND_FORM_SET:
		return put_set(at, row->choices, value);
	case OPERAND_FORM_HVA:
		return put_hva(at, value);
	case OPERAND_FORM_NUMBER:
		break;
	}
	return put_number(at, value);
}

size_t op_format(const struct op *op, char *text)
{
	const struct op_row *row = &op_rows[op->code];
	char *at = put_text(text, row->name);

	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		*at++ = ' ';
		at = put_text(at, row->argument[i].name);
		*at++ = '=';
		at = put_value(at, &operand_rows[row->argument[i].operand], op->argument[i]);
	}
	HOST_ASSERT(at < text + OP_TEXT_MAX);
	return (size_t)(at - text);
}

int op_print(const struct op *op, FILE *stream)
{
	char text[OP_TEXT_MAX];
	size_t length = op_format(op, text);

	if (fwrite(text, 1, length, stream) != length)
		return errno ? -errno : -EIO;
	return (int)length;
}

/* ---------------------------------------------------------------------------------------------------------- program */

/* Counts what goes out, and remembers the first thing that went wrong. */
struct output {
	FILE *stream;
	int bytes, error;
};

static void out(struct output *output, const char *text, size_t length)
{
	if (output->error)
		return;
	errno = 0;
	if (fwrite(text, 1, length, output->stream) != length)
		output->error = errno ? -errno : -EIO;
	output->bytes += (int)length;
}

static void out_text(struct output *output, const char *text)
{
	out(output, text, strlen(text));
}

/* In quotes where it is more than a word; what quotes cannot hold is printed as something else. */
static void out_said(struct output *output, const char *name, const char *text)
{
	const char *quote =
		text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] ? "\"" : "";

	if (!*text)
		return;
	out_text(output, " ");
	out_text(output, name);
	out_text(output, "=");
	out_text(output, quote);
	for (; *text; text++) {
		char c = *text == '"' ? '\'' : *text;

		c = (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
		out(output, &c, 1);
	}
	out_text(output, quote);
}

static void out_number(struct output *output, const char *name, uint64_t number)
{
	char text[48];

	snprintf(text, sizeof(text), " %s=0x%" PRIx64, name, number);
	out_text(output, text);
}

/* None where nothing is said. */
static void out_said_line(struct output *output, const struct said_line *line, const struct program *program)
{
	bool begun = false;

	for (unsigned int i = 0; i < line->nr_rows; i++) {
		const struct said_row *row = &line->rows[i];
		const char *field = (const char *)program + row->offset;
		uint64_t number = row->room ? 0 : *(const uint64_t *)field;

		if (row->room ? !*field : !number)
			continue;
		if (!begun)
			out_text(output, line->word);
		begun = true;
		if (row->room)
			out_said(output, row->name, field);
		else
			out_number(output, row->name, number);
	}
	if (begun)
		out_text(output, "\n");
}

/* The line of the machine or of the VM; none where all is preset. */
static void out_fields(struct output *output, const struct program *program, bool machine)
{
	bool begun = false;
	char choice[32];

	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		const struct program_field_row *row = &program_field_rows[i];

		if (row->machine != machine || program->field[i] == row->preset)
			continue;
		if (!begun)
			out_text(output, machine ? "machine" : "vm");
		begun = true;
		out_text(output, " ");
		out_text(output, row->name);
		out_text(output, "=");
		out_text(output, choices_name(row->choices, program->field[i], choice, sizeof(choice)));
	}
	if (begun)
		out_text(output, "\n");
}

static void out_ops(struct output *output, const struct program *program)
{
	unsigned int stream = STREAMS;
	char line[2 + OP_TEXT_MAX] = "  ";
	size_t length;

	for (size_t i = 0; i < program->nr_ops; i++) {
		if (op_stream(&program->ops[i]) != stream) {
			stream = op_stream(&program->ops[i]);
			if (stream)
				length = (size_t)snprintf(line, sizeof(line), "\nthread %u\n", stream - 1);
			else
				length = (size_t)snprintf(line, sizeof(line), "\nsetup\n");
			out(output, line, length);
			line[0] = line[1] = ' ';
		}
		length = 2 + op_format(&program->ops[i], line + 2);
		line[length++] = '\n';
		out(output, line, length);
	}
}

static void out_schedule(struct output *output, const struct program *program)
{
	char line[3 + DECISION_TEXT_MAX];
	struct decision_reader reader;
	struct decision decision;
	size_t length;
	uint64_t seed;

	if (!program->schedule_bytes)
		return;
	seed = decisions_begin(&reader, program);
	length = (size_t)snprintf(line, sizeof(line), seed ? "\nschedule seed=0x%" PRIx64 "\n" : "\nschedule\n", seed);
	out(output, line, length);
	line[0] = line[1] = ' ';
	while (decisions_next(&reader, &decision)) {
		length = 2 + decision_format(&decision, line + 2);
		line[length++] = '\n';
		out(output, line, length);
	}
}

int program_print(const struct program *program, FILE *stream)
{
	struct output output = { .stream = stream };

	out_text(&output, "mmut 1\n");
	for (unsigned int i = 0; i < SAID_LINES; i++)
		out_said_line(&output, &said_lines[i], program);
	out_fields(&output, program, true);
	out_fields(&output, program, false);
	out_ops(&output, program);
	out_schedule(&output, program);
	return output.error ? output.error : output.bytes;
}
_Static_assert(PROGRAM_FORMAT == 1, "the first line says so, too");
