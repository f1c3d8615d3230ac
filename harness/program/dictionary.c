// SPDX-License-Identifier: GPL-2.0-only
/*
 * dictionary.c - what fuzzers that know nothing of programs may put into their bytes: a record of each operation, and
 * the values that operands like to try.  In the syntax that libFuzzer and AFL++ share.
 */
#include <errno.h>
#include <stdlib.h>

#include "harness/program/parts.h"

static void print_bytes(const uint8_t *bytes, size_t size, FILE *stream)
{
	fputs("=\"", stream);
	for (size_t i = 0; i < size; i++)
		fprintf(stream, "\\x%02x", bytes[i]);
	fputs("\"\n", stream);
}

/* In thread 0, each argument with the first value of its operand. */
static void print_record(enum op_code code, FILE *stream)
{
	const struct op_row *row = &op_rows[code];
	uint8_t bytes[PROGRAM_HEADER_BYTES + OP_RECORD_BYTES];
	struct op op = { .code = (uint8_t)code };
	struct program program;

	for (unsigned int i = 0; i < row->nr_arguments; i++)
		op.argument[i] = operand_rows[row->argument[i].operand].values[0];
	program_init(&program);
	program_append(&program, &op);
	program_encode(&program, bytes, sizeof(bytes));
	program_free(&program);
	fprintf(stream, "op_%s", row->name);
	print_bytes(bytes + PROGRAM_HEADER_BYTES, OP_RECORD_BYTES, stream);
}

/* Single bytes are no words: mutation finds them by itself. */
static void print_values(enum operand operand, FILE *stream)
{
	const struct operand_row *row = &operand_rows[operand];

	for (size_t i = 0; row->width > 1 && i < row->nr_values; i++) {
		uint8_t bytes[8];

		for (unsigned int byte = 0; byte < row->width; byte++)
			bytes[byte] = (uint8_t)(row->values[i] >> 8 * byte);
		fprintf(stream, "%s_%zu", row->name, i);
		print_bytes(bytes, row->width, stream);
	}
}

int program_print_dictionary(FILE *stream)
{
	errno = 0;
	for (unsigned int code = 0; code < OPS_COUNT; code++)
		print_record(code, stream);
	for (unsigned int operand = 0; operand < OPERANDS_COUNT; operand++)
		print_values(operand, stream);
	if (ferror(stream))
		return errno ? -errno : -EIO;
	return 0;
}
