// SPDX-License-Identifier: GPL-2.0-only
/*
 * codec.c - a program as bytes; program.h has the format.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/program/decisions.h"
#include "harness/program/parts.h"

#define SCHEDULE_AT (1 + PROGRAM_FIELDS_COUNT) /* where the header says how long the schedule is */

/* Of a width that is known when compiled: one load. */
static uint64_t load(const uint8_t *at, unsigned int width)
{
	uint64_t value = 0;

	switch (width) {
	case 1:
		return *at;
	case 2:
		memcpy(&value, at, 2);
		return value;
	case 4:
		memcpy(&value, at, 4);
		return value;
	default:
		memcpy(&value, at, 8);
		return value;
	}
}

static void store(uint8_t *at, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		*at = (uint8_t)value;
		break;
	case 2:
		memcpy(at, &value, 2);
		break;
	case 4:
		memcpy(at, &value, 4);
		break;
	default:
		memcpy(at, &value, 8);
	}
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "load() and store() take the bytes as they are");

/* ----------------------------------------------------------------------------------------------------------- decode */

static void decode_op(const uint8_t *record, struct op *op)
{
	const struct op_row *row;

	*op = (struct op){ .code = record[0] % OPS_COUNT, .thread = stream_thread(record[1] % STREAMS) };
	row = &op_rows[op->code];
	record += 2;
	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		enum operand operand = row->argument[i].operand;

		op->argument[i] = operand_reduce(operand, load(record, operand_rows[operand].width));
		record += operand_rows[operand].width;
	}
}

void program_decode(const uint8_t *bytes, size_t size, struct program *program)
{
	uint8_t header[PROGRAM_HEADER_BYTES] = { 0 };
	size_t rest = 0, nr_ops;

	*program = (struct program){ 0 };
	if (size)
		memcpy(header, bytes, smaller(size, PROGRAM_HEADER_BYTES));
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		program->field[i] = (uint8_t)(header[1 + i] % field_choices(i));

	if (size > PROGRAM_HEADER_BYTES)
		rest = size - PROGRAM_HEADER_BYTES;
	program->schedule_bytes = smaller(smaller(load(&header[SCHEDULE_AT], 4), rest), PROGRAM_SCHEDULE_MAX);
	if (program->schedule_bytes) {
		program->schedule = malloc(program->schedule_bytes);
		HOST_ASSERT(program->schedule);
		memcpy(program->schedule, bytes + size - program->schedule_bytes, program->schedule_bytes);
		rest -= program->schedule_bytes;
		schedule_canonical(program);
	}

	nr_ops = smaller(rest / OP_RECORD_BYTES, PROGRAM_OPS_MAX);
	if (!nr_ops)
		return;
	program_reserve(program, nr_ops);
	program->nr_ops = nr_ops;
	for (size_t i = 0; i < nr_ops; i++)
		decode_op(bytes + PROGRAM_HEADER_BYTES + i * OP_RECORD_BYTES, &program->ops[i]);
	program_sort(program);
}

/* ----------------------------------------------------------------------------------------------------------- encode */

size_t program_encoded_size(const struct program *program)
{
	return PROGRAM_HEADER_BYTES + program->nr_ops * OP_RECORD_BYTES + program->schedule_bytes;
}

static void encode_op(const struct op *op, uint8_t *record)
{
	const struct op_row *row = &op_rows[op->code];

	memset(record, 0, OP_RECORD_BYTES);
	record[0] = op->code;
	record[1] = (uint8_t)op_stream(op);
	record += 2;
	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		unsigned int width = operand_rows[row->argument[i].operand].width;

		store(record, width, op->argument[i]);
		record += width;
	}
}

size_t program_encode(const struct program *program, uint8_t *bytes, size_t room)
{
	size_t size = program_encoded_size(program);

	if (room < size)
		return 0;
	bytes[0] = PROGRAM_FORMAT;
	memcpy(&bytes[1], program->field, PROGRAM_FIELDS_COUNT);
	store(&bytes[SCHEDULE_AT], 4, program->schedule_bytes);
	for (size_t i = 0; i < program->nr_ops; i++)
		encode_op(&program->ops[i], bytes + PROGRAM_HEADER_BYTES + i * OP_RECORD_BYTES);
	if (program->schedule_bytes)
		memcpy(bytes + size - program->schedule_bytes, program->schedule, program->schedule_bytes);
	return size;
}
