/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * said.h - the lines of a text's header that are about people's words: where a program was found, what it should show.
 */
#ifndef HARNESS_PROGRAM_SAID_H
#define HARNESS_PROGRAM_SAID_H

#include "harness/program/program.h"
#include "harness/program/scan.h"

struct said_row {
	const char *name;
	size_t offset; /* in struct program */
	size_t room; /* of the text there; 0: it is a number of 64 bits */
};

struct said_line {
	const char *word; /* what the line begins with */
	const struct said_row *rows;
	unsigned int nr_rows;
};

#define SAID_LINES 2
extern const struct said_line said_lines[SAID_LINES];

/* The rest of the line, behind its first word. */
bool parse_said(struct scanner *scanner, const struct said_line *line, struct program *program);

#endif
