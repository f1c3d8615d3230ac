// SPDX-License-Identifier: GPL-2.0-only
/*
 * smaller.c - which smaller values of an argument are worth a trial.
 *
 * Only smaller ones, so that it comes to an end; of these, the ones that a reader would rather see: those of
 * operands.def, multiples of 1 GiB, 2 MiB, a page; and half, a quarter, an eighth less, so that what has to be large
 * comes down in few trials.
 */
#include <stdlib.h>

#include "harness/minimize/minimize_parts.h"

#define SMALL 16 /* counted down one by one */
#define INDEX_TRIED_MAX 4 /* further ones name the same things again, or none */

struct list {
	uint64_t *value;
	unsigned int count;
	uint64_t below;
};

static void add(struct list *list, uint64_t value)
{
	if (value < list->below && list->count < SMALLER_MAX)
		list->value[list->count++] = value;
}

/* @base + something smaller than @number. */
static void add_rounder(struct list *list, uint64_t base, uint64_t number)
{
	static const unsigned int shifts[] = { 30, 21, 12, 8, 4 };

	add(list, base);
	for (unsigned int i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
		add(list, base + (number >> shifts[i] << shifts[i]));
		add(list, base + (number >> 1 >> shifts[i] << shifts[i]));
	}
	for (unsigned int i = 1; i <= 3; i++)
		add(list, base + number - (number >> i));
	add(list, base + (number & (number - 1)));
	if (number && number <= SMALL)
		add(list, base + number - 1);
}

static void add_hva(struct list *list, uint64_t hva)
{
	uint64_t offset = (hva - HOST_HVA_BASE) % PROGRAM_AREA_BYTES;

	if (hva - HOST_HVA_BASE >= HOST_HVA_BYTES) {
		add(list, area_start(0));
		return;
	}
	add(list, area_start(0) + offset);
	add(list, area_start(0));
	add_rounder(list, hva - offset, offset);
}

static void add_number(struct list *list, const struct operand_row *row, uint64_t number)
{
	for (size_t i = 0; i < row->nr_values; i++)
		add(list, row->values[i]);
	add(list, 1);
	add_rounder(list, 0, number);
}

/* Fewer of them, or an earlier one alone. */
static void add_sets(struct list *list, uint64_t set)
{
	add(list, 0);
	for (unsigned int bit = 0; bit < 8; bit++) {
		add(list, 1u << bit);
		if (set & 1u << bit)
			add(list, set & ~(1u << bit));
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return first < second ? -1 : first > second;
}

unsigned int smaller_values(enum operand operand, uint64_t value, uint64_t smaller[SMALLER_MAX])
{
	struct list list = { .value = smaller, .below = value };
	const struct operand_row *row = &operand_rows[operand];

	switch (row->form) {
	case OPERAND_FORM_NUMBER:
		add_number(&list, row, value);
		break;
	case OPERAND_FORM_HVA:
		add_hva(&list, value);
		break;
	case OPERAND_FORM_SET:
		add_sets(&list, value);
		break;
	case OPERAND_FORM_INDEX:
		for (unsigned int i = 0; i < INDEX_TRIED_MAX; i++)
			add(&list, i);
		break;
	case OPERAND_FORM_CHOICE:
		for (uint64_t i = 0; i < value; i++)
			add(&list, i);
		break;
	}
	qsort(smaller, list.count, sizeof(*smaller), compare);
	return list.count;
}
