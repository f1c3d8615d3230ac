// SPDX-License-Identifier: GPL-2.0-only
/*
 * source_lines.c - asks llvm-symbolizer once for all addresses.
 *
 * For each address it prints pairs of lines, function and place, from the innermost inlined function outwards, and an
 * empty line.  Without it functions come from the symbol table, and places are not known.
 */
#include "cli/source_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/finding/symbols.h"
#include "mmu_core/host.h"

#define SYMBOLIZER "{ llvm-symbolizer-19 %s || llvm-symbolizer %s; } 2>/dev/null"
#define ARGUMENTS "--obj=/proc/%d/exe --output-style=LLVM --inlines"

static FILE *ask(const uintptr_t *addresses, size_t count)
{
	size_t room = 2 * (256 + count * 20), used;
	char *arguments = malloc(room), *command = NULL;
	FILE *answer;

	HOST_ASSERT(arguments);
	used = (size_t)snprintf(arguments, room, ARGUMENTS, (int)getpid());
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(arguments + used, room - used, " 0x%" PRIxPTR, addresses[i]);
	HOST_ASSERT(asprintf(&command, SYMBOLIZER, arguments, arguments) >= 0);
	answer = popen(command, "r");
	free(command);
	free(arguments);
	return answer;
}

/* The last two parts of a path, and the line without the column. */
static void shorten(const char *path, char *place, size_t room)
{
	const char *start = path + strlen(path), *colon = strrchr(path, ':');
	unsigned int slashes = 0;

	while (start > path && slashes < 2)
		slashes += *--start == '/';
	if (*start == '/')
		start++;
	snprintf(place, room, "%.*s", (int)((colon ? colon : path + strlen(path)) - start), start);
}

static bool read_one(FILE *answer, struct source_line *line)
{
	char text[512];
	bool any = false, is_place = false;

	while (fgets(text, sizeof(text), answer)) {
		text[strcspn(text, "\n")] = 0;
		if (!*text)
			return any;
		if (is_place && !*line->place && *text != '?')
			shorten(text, line->place, sizeof(line->place));
		else if (!is_place)
			snprintf(line->function, sizeof(line->function), "%.79s", text);
		is_place = !is_place;
		any = true;
	}
	return any;
}

void source_lines(const uintptr_t *addresses, size_t count, struct source_line *lines)
{
	FILE *answer = ask(addresses, count);

	for (size_t i = 0; i < count; i++) {
		size_t offset;
		const char *name = symbols_name(addresses[i], &offset);

		lines[i] = (struct source_line){ 0 };
		if (answer && read_one(answer, &lines[i]))
			continue;
		snprintf(lines[i].function, sizeof(lines[i].function), "%s", name ? name : "?");
	}
	if (answer)
		pclose(answer);
}
