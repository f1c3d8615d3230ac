// SPDX-License-Identifier: GPL-2.0-only
/*
 * operands.c - smaller arguments.
 *
 * What belongs together has to change together: the id of a slot that is set and deleted, the address of a slot and
 * those of the accesses to it.  So a value is first changed wherever an argument of its kind has it, then moved with
 * all that lie behind it, and then on its own.
 */
#include "harness/minimize/minimize_parts.h"

/* How far apart two addresses may be that move together: no farther than two of one area. */
#define TOGETHER_BYTES PROGRAM_AREA_BYTES

struct place {
	size_t op;
	unsigned int argument;
};

enum change {
	CHANGE_EQUAL,
	CHANGE_BEHIND,
	CHANGE_ALONE,
};

static enum operand operand_at(const struct program *program, struct place place)
{
	return op_rows[program->ops[place.op].code].argument[place.argument].operand;
}

static uint64_t *value_at(struct program *program, struct place place)
{
	return &program->ops[place.op].argument[place.argument];
}

static bool is_changed(enum change change, uint64_t value, uint64_t from)
{
	return change == CHANGE_EQUAL ? value == from : value >= from && value - from < TOGETHER_BYTES;
}

/* Number of arguments that were changed. */
static unsigned int change_all(struct program *program, enum change change, enum operand operand, uint64_t from,
			       uint64_t to)
{
	unsigned int changed = 0;

	for (struct place at = { 0 }; at.op < program->nr_ops; at.op++) {
		const struct op_row *row = &op_rows[program->ops[at.op].code];

		for (at.argument = 0; at.argument < row->nr_arguments; at.argument++) {
			uint64_t *value = value_at(program, at);

			if (operand_at(program, at) != operand || !is_changed(change, *value, from))
				continue;
			*value -= from - to;
			changed++;
		}
	}
	return changed;
}

static bool try_smaller(struct minimizer *minimizer, enum change change, struct place place, uint64_t to)
{
	uint64_t from = *value_at(minimizer->best, place);
	struct program candidate;

	program_copy(&candidate, minimizer->best);
	if (change == CHANGE_ALONE) {
		*value_at(&candidate, place) = to;
	} else if (change_all(&candidate, change, operand_at(&candidate, place), from, to) < 2) {
		program_free(&candidate);
		return false;
	}
	return minimize_try(minimizer, &candidate);
}

/* The smallest of what is worth a trial; then what is smaller than that. */
static void descend(struct minimizer *minimizer, enum change change, struct place place)
{
	enum operand operand = operand_at(minimizer->best, place);
	uint64_t smaller[SMALLER_MAX];
	bool accepted;

	do {
		unsigned int count = smaller_values(operand, *value_at(minimizer->best, place), smaller);

		accepted = false;
		for (unsigned int i = 0; i < count && !accepted && !minimizer->stopped; i++)
			accepted = try_smaller(minimizer, change, place, smaller[i]);
	} while (accepted);
}

static bool is_a_number(enum operand operand)
{
	return operand_rows[operand].form == OPERAND_FORM_NUMBER || operand_rows[operand].form == OPERAND_FORM_HVA;
}

static void minimize_argument(struct minimizer *minimizer, struct place place)
{
	if (is_a_number(operand_at(minimizer->best, place))) {
		descend(minimizer, CHANGE_EQUAL, place);
		descend(minimizer, CHANGE_BEHIND, place);
	}
	descend(minimizer, CHANGE_ALONE, place);
}

void minimize_operands(struct minimizer *minimizer)
{
	for (struct place at = { 0 }; at.op < minimizer->best->nr_ops; at.op++) {
		const struct op_row *row = &op_rows[minimizer->best->ops[at.op].code];

		for (at.argument = 0; at.argument < row->nr_arguments && !minimizer->stopped; at.argument++)
			minimize_argument(minimizer, at);
	}
}
