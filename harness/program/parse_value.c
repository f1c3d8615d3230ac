// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse_value.c - the value of an argument, by the form of its operand.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/program/parse_value.h"
#include "harness/program/parts.h"

#define CHOICES_SHOWN 90

/* Which of @choices; -1: none. */
static int choice_find(const char *choices, struct word word)
{
	for (int index = 0; *choices; index++) {
		size_t length = strcspn(choices, "|");

		if (length == word.length && !memcmp(choices, word.text, length))
			return index;
		choices += length + (choices[length] == '|');
	}
	return -1;
}

bool parse_choice(struct scanner *scanner, const char *choices, struct word word, uint64_t *value)
{
	bool few = strlen(choices) <= CHOICES_SHOWN;
	int index = choice_find(choices, word);
	char shown[WORD_SHOWN], right[64];
	struct near_name near;

	if (index >= 0) {
		*value = (uint64_t)index;
		return true;
	}
	near_begin(&near, word);
	near_try_choices(&near, choices);
	if (near.name && !few)
		return scan_fail(scanner, word.text, "no choice '%s'; %s", word_show(word, shown),
				 near_show(&near, "", right, sizeof(right)));
	return scan_fail(scanner, word.text, "'%s' is none of %.*s%s", word_show(word, shown), CHOICES_SHOWN, choices,
			 few ? "" : "...");
}

static bool parse_set(struct scanner *scanner, const char *choices, struct word word, uint64_t *value)
{
	const char *end = word.text + word.length;
	uint64_t index;

	*value = 0;
	if (word_is(word, "none"))
		return true;
	for (struct word one = { word.text, 0 };; one.text += one.length + 1) {
		const char *plus = memchr(one.text, '+', (size_t)(end - one.text));

		one.length = (size_t)((plus ? plus : end) - one.text);
		if (!parse_choice(scanner, choices, one, &index))
			return false;
		if (*value >> index & 1)
			return scan_fail(scanner, one.text, "'%.*s' stands there twice", (int)one.length, one.text);
		*value |= 1ull << index;
		if (!plus)
			return true;
	}
}

static bool parse_hva(struct scanner *scanner, struct word word, uint64_t *value)
{
	const char *end = word.text + word.length;
	const char *plus = memchr(word.text, '+', word.length);
	struct word area = { word.text + 1, 0 }, offset;
	uint64_t number;

	if (*word.text != 'a')
		return word_number(scanner, word, UINT64_MAX, value);
	if (!plus)
		return scan_fail(scanner, word.text, "an hva is a number, or a<area>+<offset> like a0+0x1000");
	area.length = (size_t)(plus - area.text);
	offset = (struct word){ plus + 1, (size_t)(end - plus - 1) };
	if (!word_number(scanner, area, PROGRAM_AREAS - 1, &number) ||
	    !word_number(scanner, offset, PROGRAM_AREA_BYTES - 1, value))
		return false;
	*value += area_start((unsigned int)number);
	return true;
}

bool parse_value(struct scanner *scanner, enum operand operand, struct word word, uint64_t *value)
{
	const struct operand_row *row = &operand_rows[operand];

	switch (row->form) {
	case OPERAND_FORM_CHOICE:
		return parse_choice(scanner, row->choices, word, value);
	case OPERAND_FORM_SET:
		return parse_set(scanner, row->choices, word, value);
	case OPERAND_FORM_HVA:
		return parse_hva(scanner, word, value);
	case OPERAND_FORM_NUMBER:
	case OPERAND_FORM_INDEX:
		break;
	}
	return word_number(scanner, word, operand_most(operand), value);
}
