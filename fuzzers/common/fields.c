// SPDX-License-Identifier: GPL-2.0-only
/*
 * fields.c - MMUTORTURE_MACHINE, read once by the parser of programs.
 */
#include "fuzzers/common/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

static void parse(uint8_t *fields)
{
	const char *machine = getenv("MMUTORTURE_MACHINE");
	struct program_error error;
	struct program program;
	char text[512];
	int length = snprintf(text, sizeof(text), "mmut %d\nmachine %s\n", PROGRAM_FORMAT, machine ? machine : "");

	if (!machine) {
		program_init(&program);
	} else if (length >= (int)sizeof(text) || !program_parse(text, (size_t)length, &program, &error)) {
		fprintf(stderr, "MMUTORTURE_MACHINE='%s': %s\n", machine,
			length >= (int)sizeof(text) ? "too long" : error.text);
		exit(EXIT_USAGE);
	}
	memcpy(fields, program.field, sizeof(program.field));
	program_free(&program);
}

void fuzz_machine_fields(struct program *program)
{
	static uint8_t fields[PROGRAM_FIELDS_COUNT];
	static bool parsed;

	if (!parsed)
		parse(fields);
	parsed = true;
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (program_field_rows[i].machine)
			program->field[i] = fields[i];
	}
}
