// SPDX-License-Identifier: GPL-2.0-only
/*
 * header.c - towards the machine and the VM that everybody has, and no schedule.
 *
 * All at once, then field by field; a schedule means nothing without the steps that it was made for, so it goes whole.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/minimize/minimize_parts.h"
#include "harness/program/decisions.h"

static void try_presets(struct minimizer *minimizer, unsigned int first, unsigned int end)
{
	struct program candidate;

	program_copy(&candidate, minimizer->best);
	for (unsigned int i = first; i < end; i++)
		candidate.field[i] = program_field_rows[i].preset;
	minimize_try(minimizer, &candidate);
}

static void try_without_schedule(struct minimizer *minimizer)
{
	struct program candidate;

	program_copy(&candidate, minimizer->best);
	program_drop_schedule(&candidate);
	minimize_try(minimizer, &candidate);
}

void minimize_header(struct minimizer *minimizer)
{
	try_without_schedule(minimizer);
	try_presets(minimizer, 0, PROGRAM_FIELDS_COUNT);
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		try_presets(minimizer, i, i + 1);
}
