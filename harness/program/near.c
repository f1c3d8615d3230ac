// SPDX-License-Identifier: GPL-2.0-only
/*
 * near.c - the name that was probably meant.
 *
 * Distance is that of Damerau and Levenshtein (a letter too many, too few, another one, two swapped), without edits
 * inside of a swap.
 */
#include <string.h>

#include "harness/program/scan.h"

#define LENGTH_MAX 40 /* longer ones are nobody's slip */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned int rows[3][LENGTH_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned int *oldest = before;

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_length; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[b_length];
}

void near_begin(struct near_name *near, struct word word)
{
	*near = (struct near_name){ .word = word, .distance = UINT32_MAX };
}

void near_try(struct near_name *near, const char *name, size_t length)
{
	unsigned int steps;

	if (length > LENGTH_MAX || near->word.length > LENGTH_MAX)
		return;
	steps = distance(near->word.text, near->word.length, name, length);
	/* A third of the letters: what differs in more has another meaning. */
	if (steps >= near->distance || steps > (near->word.length < 3 ? 1 : near->word.length / 3))
		return;
	near->name = name;
	near->length = length;
	near->distance = steps;
}

void near_try_choices(struct near_name *near, const char *choices)
{
	while (*choices) {
		size_t length = strcspn(choices, "|");

		near_try(near, choices, length);
		choices += length + (choices[length] == '|');
	}
}

const char *near_show(const struct near_name *near, const char *otherwise, char *shown, size_t room)
{
	if (near->name)
		snprintf(shown, room, "nearest is '%.*s'", (int)near->length, near->name);
	else
		snprintf(shown, room, "%s", otherwise);
	return shown;
}
