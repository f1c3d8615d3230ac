/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scan.h - text as lines of words, and errors that say where.
 *
 * Blanks are space, tab and carriage return (mail has them); '#' begins a comment.  Lines without a word are passed
 * over.
 * The first error stays; whoever gets false hands it up.
 */
#ifndef HARNESS_PROGRAM_SCAN_H
#define HARNESS_PROGRAM_SCAN_H

#include "harness/program/program.h"

struct word {
	const char *text; /* in the scanned text: no end of string */
	size_t length;
};

struct scanner {
	const char *at, *end; /* what has not been read of the text */
	const char *line; /* where the running line begins */
	unsigned int line_number; /* from 1; 0: none so far */
	struct program_error *error;
};

void scan_begin(struct scanner *scanner, const char *text, size_t size, struct program_error *error);
bool scan_line(struct scanner *scanner); /* to the next line with a word on it; false: there is none */

bool scan_at_line_end(struct scanner *scanner);

/* The next of its kind on the line, empty at its end.  A name ends before '='; a value does not. */
struct word scan_name(struct scanner *scanner);
bool scan_value(struct scanner *scanner, struct word name, struct word *value); /* "=value"; false: error */
bool scan_quoted(struct scanner *scanner, struct word name, struct word *value); /* the same, "=\"value\"" or bare */
bool scan_line_ends(struct scanner *scanner); /* false: something stands there, and is an error */

bool word_is(struct word word, const char *text);
bool word_number(struct scanner *scanner, struct word word, uint64_t most, uint64_t *number);

/* Always false.  @at: the place in the text, on the running line. */
bool scan_fail(struct scanner *scanner, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define WORD_SHOWN 40
const char *word_show(struct word word, char *shown); /* cut short and made printable, in WORD_SHOWN bytes */

/* near.c: "nearest is 'gpa'", or @otherwise where no name that was tried is near. */
struct near_name {
	struct word word;
	const char *name;
	size_t length;
	unsigned int distance;
};
void near_begin(struct near_name *near, struct word word);
void near_try(struct near_name *near, const char *name, size_t length);
void near_try_choices(struct near_name *near, const char *choices);
const char *near_show(const struct near_name *near, const char *otherwise, char *shown, size_t room);

#endif
