// SPDX-License-Identifier: GPL-2.0-only
/*
 * choose.c - values for arguments.
 *
 * Bugs live where ranges meet: a value is mostly taken from an argument of the same kind elsewhere in the program, and
 * moved by a page, or by the size of the range that it begins; or it is what lies on the other side of a slot, so that
 * the host takes the page away that the guest uses.
 */
#include "harness/program/choose.h"

#include "harness/program/parts.h"

#define TRIES 6 /* at finding an operation about the same kind of thing */
#define MADE_AMONG 64 /* what makes memory and slots mostly stands among the first operations */
#define HUGE_BYTES (mmu_level_npages(MMU_LEVEL_2M) << MMU_PAGE_SHIFT)

/* Values of these say nothing of each other. */
static bool has_no_neighbours(enum operand operand)
{
	return operand == OPERAND_COUNT || operand == OPERAND_STRIDE || operand == OPERAND_FLAGS ||
	       operand == OPERAND_FIRST;
}

static bool is_address(enum operand operand)
{
	return operand == OPERAND_GPA || operand == OPERAND_HVA || operand == OPERAND_OFFSET;
}

/* ------------------------------------------------------------------------------------------------------------- tame */

static uint64_t tame_length(struct draw *draw)
{
	uint64_t npages = draw_one_in(draw, 3) ? 512 * draw_few(draw, 4) : 1 + draw_below(draw, 64);

	return npages << MMU_PAGE_SHIFT;
}

/* What makes sense without looking at the rest of the program. */
static uint64_t tame_value(struct draw *draw, const struct program *program, enum operand operand)
{
	const struct operand_row *row = &operand_rows[operand];

	switch (operand) {
	case OPERAND_AS:
		return draw_one_in(draw, 4);
	case OPERAND_ID:
		return draw_below(draw, 8);
	case OPERAND_SLOT_FLAGS:
		return draw_one_in(draw, 2) ? 0 : draw_below(draw, 8);
	case OPERAND_GPA:
		return draw_below(draw, 0x10000) << MMU_PAGE_SHIFT;
	case OPERAND_HVA:
		return area_start((unsigned int)draw_few(draw, 8) - 1) + (draw_below(draw, 0x400) << MMU_PAGE_SHIFT);
	case OPERAND_BYTES:
		return tame_length(draw);
	case OPERAND_OFFSET:
		return draw_one_in(draw, 2) ? 0 : tame_length(draw);
	case OPERAND_NPAGES:
		return tame_length(draw) >> MMU_PAGE_SHIFT;
	case OPERAND_COUNT:
		return draw_few(draw, 16);
	case OPERAND_FLAGS:
		return 0;
	case OPERAND_FIRST:
		return 64 * (draw_few(draw, 16) - 1);
	case OPERAND_NUMBER:
		return draw_one_in(draw, 2) ? 0 : row->values[draw_below(draw, row->nr_values)];
	case OPERAND_VCPU:
		return draw_below(draw, program->field[PROGRAM_VM_vcpus] + 1u);
	case OPERAND_ACCESS:
		return (1 + draw_below(draw, 7)) |
		       (program->field[PROGRAM_VM_type] && draw_one_in(draw, 2) ? MMU_PRIVATE : 0);
	case OPERAND_ATTRIBUTES:
		return draw_one_in(draw, 2) ? MMU_ATTRIBUTE_PRIVATE : 0;
	case OPERAND_PUNCH_MODE:
		return draw_one_in(draw, 2) ? 1 : 3;
	case OPERAND_GMEM:
	case OPERAND_WINDOW:
		return draw_few(draw, 3) - 1;
	default:
		return row->values[draw_below(draw, row->nr_values)];
	}
}

/* ------------------------------------------------------------------------------------------------------------- near */

/* Index of the argument, -1: @op has none of that kind. */
static int argument_of(const struct op *op, enum operand operand)
{
	const struct op_row *row = &op_rows[op->code];

	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		if (row->argument[i].operand == operand)
			return (int)i;
	}
	return -1;
}

/* Length of the range that the addresses of @op begin; a page where it says none. */
static uint64_t span_of(const struct op *op)
{
	int bytes = argument_of(op, OPERAND_BYTES), npages = argument_of(op, OPERAND_NPAGES);

	if (bytes >= 0 && op->argument[bytes])
		return op->argument[bytes];
	if (npages >= 0 && op->argument[npages])
		return op->argument[npages] << MMU_PAGE_SHIFT;
	return MMU_PAGE_SIZE;
}

/* Edges of the range, and pages inside of it. */
static uint64_t near_address(struct draw *draw, uint64_t start, uint64_t span)
{
	switch (draw_below(draw, 12)) {
	case 0:
		return start + span;
	case 1:
		return start + span - MMU_PAGE_SIZE;
	case 2:
		return start - MMU_PAGE_SIZE;
	case 3:
		return start + MMU_PAGE_SIZE;
	case 4:
		return start + HUGE_BYTES;
	case 5:
		return (start + span) & ~(HUGE_BYTES - 1);
	case 6:
		return start + span / 2;
	case 7:
	case 8:
	case 9:
		return start + (draw_below(draw, span) & ~(MMU_PAGE_SIZE - 1));
	default:
		return start;
	}
}

static uint64_t near_length(struct draw *draw, uint64_t length, uint64_t unit)
{
	switch (draw_below(draw, 6)) {
	case 0:
		return length + unit;
	case 1:
		return length - unit;
	case 2:
		return length / 2;
	case 3:
		return length * 2;
	default:
		return length;
	}
}

/* One of the operations that make things, each as likely as the next; NULL: there is none. */
static const struct op *maker(struct draw *draw, const struct program *program, enum op_code code)
{
	const struct op *chosen = NULL;
	uint64_t met = 0;

	for (size_t i = 0; i < program->nr_ops && i < MADE_AMONG; i++) {
		if (program->ops[i].code == code && draw_one_in(draw, ++met))
			chosen = &program->ops[i];
	}
	return chosen;
}

/* What made the things that @operand is about, or anything that is about one of them; NULL: nothing was met. */
static const struct op *op_about(struct draw *draw, const struct program *program, enum operand operand)
{
	if (is_address(operand) && draw_one_in(draw, 3))
		return maker(draw, program, operand == OPERAND_HVA ? OP_host_area : OP_slot_set);
	for (unsigned int i = 0; program->nr_ops && i < TRIES; i++) {
		const struct op *op = &program->ops[draw_below(draw, program->nr_ops)];

		if (argument_of(op, operand) >= 0)
			return op;
	}
	return NULL;
}

/* The host's address of what some operation does to the guest's, or the other way round.  False: no slot has both. */
static bool across_slot(struct draw *draw, const struct program *program, enum operand operand, uint64_t *value)
{
	enum operand from = operand == OPERAND_HVA ? OPERAND_GPA : OPERAND_HVA;
	const struct op *op = op_about(draw, program, from);

	for (unsigned int i = 0; op && i < TRIES; i++) {
		const struct op *slot = maker(draw, program, OP_slot_set);
		uint64_t distance;

		if (!slot)
			return false;
		distance = op->argument[argument_of(op, from)] - slot->argument[argument_of(slot, from)];
		*value = slot->argument[argument_of(slot, operand)] + distance;
		if (distance < span_of(slot))
			return true;
	}
	return false;
}

/* False: nothing of the kind was met. */
static bool near_value(struct draw *draw, const struct program *program, enum operand operand, uint64_t *value)
{
	static const enum operand any[] = { OPERAND_GPA, OPERAND_HVA, OPERAND_BYTES, OPERAND_ID, OPERAND_NUMBER };
	const struct op *op;

	/* A number may be anything: words of a raw ioctl are addresses and lengths, too. */
	if (operand == OPERAND_NUMBER)
		operand = any[draw_below(draw, sizeof(any) / sizeof(any[0]))];
	if ((operand == OPERAND_GPA || operand == OPERAND_HVA) && draw_one_in(draw, 2) &&
	    across_slot(draw, program, operand, value))
		return true;
	op = op_about(draw, program, operand);
	if (!op)
		return false;
	*value = op->argument[argument_of(op, operand)];
	if (is_address(operand))
		*value = near_address(draw, *value, span_of(op));
	else if (operand == OPERAND_BYTES)
		*value = near_length(draw, *value, MMU_PAGE_SIZE);
	else if (operand == OPERAND_NPAGES)
		*value = near_length(draw, *value, 1);
	else if (draw_one_in(draw, 4))
		*value += draw_one_in(draw, 2) ? 1 : UINT64_MAX;
	return true;
}

/* ------------------------------------------------------------------------------------------------------------- wild */

static uint64_t wild_value(struct draw *draw, enum operand operand, uint64_t now)
{
	const struct operand_row *row = &operand_rows[operand];

	switch (draw_below(draw, 8)) {
	case 0:
		return draw_bits(draw);
	case 1:
		return draw_bits(draw) >> draw_below(draw, 64);
	case 2:
		return now ^ 1ull << draw_below(draw, 8 * row->width);
	case 3:
		return now + (draw_one_in(draw, 2) ? 1 : UINT64_MAX);
	default:
		return row->values[draw_below(draw, row->nr_values)];
	}
}

uint64_t choose_value(struct chooser *chooser, const struct program *program, enum operand operand, uint64_t now)
{
	struct draw *draw = &chooser->draw;
	enum operand_form form = operand_rows[operand].form;
	bool countable = (form == OPERAND_FORM_NUMBER && !has_no_neighbours(operand)) || form == OPERAND_FORM_HVA;
	uint64_t value;

	if (form == OPERAND_FORM_CHOICE)
		value = draw_below(draw, operand_choices(operand));
	else if (draw_one_in(draw, chooser->wild))
		value = wild_value(draw, operand, now);
	else if (!countable ||
		 draw_one_in(draw, is_address(operand)         ? 16
				   : operand == OPERAND_NUMBER ? 2
							       : 4) ||
		 !near_value(draw, program, operand, &value))
		value = tame_value(draw, program, operand);
	return operand_reduce(operand, value);
}

/* ------------------------------------------------------------------------------------------------------- operations */

void take_arguments(struct op *to, const struct op *from)
{
	const struct op_row *row = &op_rows[to->code];

	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		int argument = argument_of(from, row->argument[i].operand);

		if (argument >= 0)
			to->argument[i] = from->argument[argument];
	}
}

/* The slot that somebody made. */
static void take_slot(struct chooser *chooser, const struct program *program, struct op *op, int as, int id)
{
	const struct op *slot = maker(&chooser->draw, program, OP_slot_set);

	if (!slot)
		return;
	op->argument[as] = slot->argument[argument_of(slot, OPERAND_AS)];
	op->argument[id] = slot->argument[argument_of(slot, OPERAND_ID)];
}

void choose_arguments(struct chooser *chooser, const struct program *program, struct op *op)
{
	const struct op_row *row = &op_rows[op->code];
	struct draw *draw = &chooser->draw;
	int as = argument_of(op, OPERAND_AS), id = argument_of(op, OPERAND_ID);

	for (unsigned int i = 0; i < row->nr_arguments; i++)
		op->argument[i] = choose_value(chooser, program, row->argument[i].operand, 0);
	if (!program->nr_ops || !row->nr_arguments || draw_one_in(draw, 5))
		return;
	/* Together: a slot's address space and its id, a range's begin and its length. */
	if (as >= 0 && id >= 0 && op->code != OP_slot_set) {
		take_slot(chooser, program, op, as, id);
		return;
	}
	take_arguments(op, &program->ops[draw_below(draw, program->nr_ops)]);
	if (draw_one_in(draw, 2)) {
		unsigned int i = (unsigned int)draw_below(draw, row->nr_arguments);

		op->argument[i] = choose_value(chooser, program, row->argument[i].operand, op->argument[i]);
	}
}

void cut_down(struct draw *draw, struct program *program, size_t ops_max)
{
	size_t excess = program->nr_ops > ops_max ? program->nr_ops - ops_max : 0;

	if (excess)
		program_remove(program, draw_below(draw, ops_max + 1), excess);
}
