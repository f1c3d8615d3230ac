// SPDX-License-Identifier: GPL-2.0-only
/*
 * scan.c - text as lines of words, and errors that say where.
 */
#include "harness/program/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------------------- errors */

bool scan_fail(struct scanner *scanner, const char *at, const char *format, ...)
{
	va_list arguments;

	scanner->error->line = scanner->line_number ? scanner->line_number : 1;
	scanner->error->column = (unsigned int)(at - scanner->line) + 1;
	va_start(arguments, format);
	vsnprintf(scanner->error->text, sizeof(scanner->error->text), format, arguments);
	va_end(arguments);
	return false;
}

const char *word_show(struct word word, char *shown)
{
	size_t length = word.length < WORD_SHOWN ? word.length : WORD_SHOWN - 4;

	for (size_t i = 0; i < length; i++)
		shown[i] = word.text[i] >= ' ' && word.text[i] < 0x7f ? word.text[i] : '?';
	snprintf(&shown[length], 4, "%s", length < word.length ? "..." : "");
	return shown;
}

/* ------------------------------------------------------------------------------------------------------------ lines */

void scan_begin(struct scanner *scanner, const char *text, size_t size, struct program_error *error)
{
	*scanner = (struct scanner){ .at = text, .line = text, .end = text + size, .error = error };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool line_is_over(const struct scanner *scanner)
{
	return scanner->at == scanner->end || *scanner->at == '\n' || *scanner->at == '#';
}

static void skip_blanks(struct scanner *scanner)
{
	while (scanner->at < scanner->end && is_blank(*scanner->at))
		scanner->at++;
}

bool scan_line(struct scanner *scanner)
{
	for (;;) {
		if (scanner->line_number) {
			const char *end = memchr(scanner->at, '\n', (size_t)(scanner->end - scanner->at));

			if (!end)
				return false;
			scanner->at = end + 1;
		}
		scanner->line = scanner->at;
		scanner->line_number++;
		skip_blanks(scanner);
		if (!line_is_over(scanner))
			return true;
	}
}

bool scan_at_line_end(struct scanner *scanner)
{
	skip_blanks(scanner);
	return line_is_over(scanner);
}

bool scan_line_ends(struct scanner *scanner)
{
	char shown[WORD_SHOWN];
	const char *begin;
	struct word word;

	if (scan_at_line_end(scanner))
		return true;
	begin = scanner->at;
	word = (struct word){ begin, 0 };
	while (!line_is_over(scanner) && !is_blank(*scanner->at))
		scanner->at++, word.length++;
	return scan_fail(scanner, begin, "'%s': the line should end here", word_show(word, shown));
}

/* ------------------------------------------------------------------------------------------------------------ words */

struct word scan_name(struct scanner *scanner)
{
	struct word word;

	skip_blanks(scanner);
	word = (struct word){ scanner->at, 0 };
	while (!line_is_over(scanner) && !is_blank(*scanner->at) && *scanner->at != '=')
		scanner->at++;
	word.length = (size_t)(scanner->at - word.text);
	return word;
}

static bool scan_equals(struct scanner *scanner, struct word name)
{
	char shown[WORD_SHOWN];

	if (!name.length)
		return scan_fail(scanner, scanner->at, "'=' without a name before it");
	if (scanner->at == scanner->end || *scanner->at != '=')
		return scan_fail(scanner, scanner->at, "'%s' needs a value: %s=...", word_show(name, shown), shown);
	scanner->at++;
	return true;
}

bool scan_value(struct scanner *scanner, struct word name, struct word *value)
{
	char shown[WORD_SHOWN];

	if (!scan_equals(scanner, name))
		return false;
	value->text = scanner->at;
	while (!line_is_over(scanner) && !is_blank(*scanner->at))
		scanner->at++;
	value->length = (size_t)(scanner->at - value->text);
	if (!value->length)
		return scan_fail(scanner, scanner->at, "'%s=' needs a value behind it", word_show(name, shown));
	return true;
}

bool scan_quoted(struct scanner *scanner, struct word name, struct word *value)
{
	const char *begin = scanner->at + 1, *at;

	if (scanner->end - scanner->at < 2 || scanner->at[0] != '=' || scanner->at[1] != '"')
		return scan_value(scanner, name, value);
	for (at = begin + 1; at < scanner->end && *at != '"' && *at != '\n';)
		at++;
	if (at == scanner->end || *at == '\n')
		return scan_fail(scanner, begin, "no '\"' at the end of the text that begins here");
	*value = (struct word){ begin + 1, (size_t)(at - begin - 1) };
	scanner->at = at + 1;
	return true;
}

bool word_is(struct word word, const char *text)
{
	size_t length = strlen(text);

	/* strncmp() would take a 0 byte in the word for the end of both. */
	return word.length == length && !memcmp(word.text, text, length);
}

/* ---------------------------------------------------------------------------------------------------------- numbers */

static int digit(char c, unsigned int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool word_number(struct scanner *scanner, struct word word, uint64_t most, uint64_t *number)
{
	bool hex = word.length > 2 && word.text[0] == '0' && word.text[1] == 'x';
	unsigned int base = hex ? 16 : 10;
	char shown[WORD_SHOWN];
	bool too_large = false;
	uint64_t value = 0;

	for (size_t i = hex ? 2 : 0; i < word.length; i++) {
		int next = digit(word.text[i], base);

		if (next < 0)
			return scan_fail(scanner, word.text, "'%s' is no number: decimal, or hex behind 0x",
					 word_show(word, shown));
		too_large |= value > (UINT64_MAX - (uint64_t)next) / base;
		value = value * base + (uint64_t)next;
	}
	if (!word.length)
		return scan_fail(scanner, word.text, "a number should stand here: decimal, or hex behind 0x");
	if (too_large || value > most)
		return scan_fail(scanner, word.text,
				 most < 1000 ? "%s is too large: at most %" PRIu64
					     : "%s is too large: at most 0x%" PRIx64,
				 word_show(word, shown), most);
	*number = value;
	return true;
}
