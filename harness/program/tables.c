// SPDX-License-Identifier: GPL-2.0-only
/*
 * tables.c - operations, operands and header fields as rows, from ops.def, operands.def and header.def.
 */
#include <string.h>

#include "harness/program/parts.h"

/* --------------------------------------------------------------------------------------------------------- operands */

#define VALUES(...) ((const uint64_t[]){ __VA_ARGS__ })

const struct operand_row operand_rows[OPERANDS_COUNT] = {
#define OPERAND(operand, operand_form, bytes, names, tried, text)              \
	[OPERAND_##operand] = { .name = #operand,                              \
				.form = OPERAND_FORM_##operand_form,           \
				.width = bytes,                                \
				.choices = names,                              \
				.values = tried,                               \
				.nr_values = sizeof(tried) / sizeof(uint64_t), \
				.summary = text },
#include "harness/operands.def"
#undef OPERAND
};

enum operand_width {
#define OPERAND(operand, form, bytes, names, tried, text) OPERAND_WIDTH_##operand = bytes,
#include "harness/operands.def"
#undef OPERAND
};

/* ------------------------------------------------------------------------------------------------------- operations */

#define ARG(operand, name) +1
enum op_arguments {
#define OP(code, group, side, summary, kernel, ...) OP_ARGUMENTS_##code = 0 __VA_ARGS__,
#include "harness/ops.def"
#undef OP
};
#undef ARG

#define OP(code, group, side, summary, kernel, ...)             \
	_Static_assert(OP_ARGUMENTS_##code <= OP_ARGUMENTS_MAX, \
		       #code " has more arguments than an operation has room for");
#include "harness/ops.def"
#undef OP

#define ARG(operand, name) +OPERAND_WIDTH_##operand
#define OP(code, group, side, summary, kernel, ...) \
	_Static_assert(0 __VA_ARGS__ <= OP_ARGUMENT_BYTES, "the arguments of " #code " are wider than a record");
#include "harness/ops.def"
#undef OP
#undef ARG

#define ARG(kind, argument_name) { OPERAND_##kind, #argument_name },
const struct op_row op_rows[OPS_COUNT] = {
#define OP(code, op_group, op_side, text, entry, ...) \
	[OP_##code] = { .name = #code,                \
			.group = #op_group,           \
			.side = OP_SIDE_##op_side,    \
			.summary = text,              \
			.kernel = entry,              \
			.argument = { __VA_ARGS__ },  \
			.nr_arguments = OP_ARGUMENTS_##code },
#include "harness/ops.def"
#undef OP
};
#undef ARG

/* ----------------------------------------------------------------------------------------------------------- header */

const struct program_field_row program_field_rows[PROGRAM_FIELDS_COUNT] = {
#define MACHINE(field, names, index) [PROGRAM_MACHINE_##field] = { #field, true, names, index },
#define VM(field, names, index) [PROGRAM_VM_##field] = { #field, false, names, index },
#include "harness/program/header.def"
#undef MACHINE
#undef VM
};

/* ---------------------------------------------------------------------------------------------------------- choices */

unsigned int choices_count(const char *choices)
{
	unsigned int count = *choices != 0;

	for (; *choices; choices++)
		count += *choices == '|';
	return count;
}

const char *choices_name(const char *choices, unsigned int index, char *text, size_t room)
{
	size_t length;

	while (index--) {
		choices += strcspn(choices, "|");
		HOST_ASSERT(*choices);
		choices++;
	}
	length = strcspn(choices, "|");
	HOST_ASSERT(length < room);
	memcpy(text, choices, length);
	text[length] = 0;
	return text;
}

/* Whoever comes first counts; two at once count the same. */
static unsigned int count_once(uint8_t *count, const char *choices)
{
	uint8_t known = __atomic_load_n(count, __ATOMIC_RELAXED);

	if (!known) {
		known = (uint8_t)choices_count(choices);
		__atomic_store_n(count, known, __ATOMIC_RELAXED);
	}
	return known;
}

unsigned int operand_choices(enum operand operand)
{
	static uint8_t counts[OPERANDS_COUNT];

	return count_once(&counts[operand], operand_rows[operand].choices);
}

unsigned int field_choices(enum program_field field)
{
	static uint8_t counts[PROGRAM_FIELDS_COUNT];

	return count_once(&counts[field], program_field_rows[field].choices);
}

/* ---------------------------------------------------------------------------------------------------------- domains */

uint64_t operand_most(enum operand operand)
{
	return UINT64_MAX >> (64 - 8 * operand_rows[operand].width);
}

uint64_t operand_reduce(enum operand operand, uint64_t value)
{
	value &= operand_most(operand);
	switch (operand_rows[operand].form) {
	case OPERAND_FORM_CHOICE:
		return value % operand_choices(operand);
	case OPERAND_FORM_SET:
		return value & ((1u << operand_choices(operand)) - 1);
	case OPERAND_FORM_NUMBER:
	case OPERAND_FORM_INDEX:
	case OPERAND_FORM_HVA:
		break;
	}
	return value;
}

void op_reduce(struct op *op)
{
	const struct op_row *row = &op_rows[op->code];

	HOST_ASSERT(op->code < OPS_COUNT && (op->thread < PROGRAM_THREADS_MAX || op->thread == PROGRAM_SETUP));
	for (unsigned int i = 0; i < OP_ARGUMENTS_MAX; i++)
		op->argument[i] = i < row->nr_arguments ? operand_reduce(row->argument[i].operand, op->argument[i]) : 0;
}
