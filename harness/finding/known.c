// SPDX-License-Identifier: GPL-2.0-only
/*
 * known.c - looks findings up in known.def, by what the core's source says there: line numbers differ between trees.
 */
#include "harness/finding/known.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 512
#define CHUNK_BYTES 4096

static const struct {
	enum finding_class class;
	const char *where, *condition, *reason;
} known[] = {
#define KNOWN(class, where, condition, reason) { FINDING_##class, where, condition, reason },
#include "harness/finding/known.def"
#undef KNOWN
};

/* Line @number of the file, counted from 1, without its indentation. */
static bool read_line(int file, unsigned long number, char *line, size_t room)
{
	char chunk[CHUNK_BYTES];
	size_t used = 0;
	ssize_t bytes;

	while ((bytes = read(file, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < bytes && number; i++) {
			if (chunk[i] == '\n')
				number--;
			else if (number == 1 && used + 1 < room && (used || (chunk[i] != '\t' && chunk[i] != ' ')))
				line[used++] = chunk[i];
		}
		if (!number)
			break;
	}
	line[used] = '\0';
	return used;
}

bool known_source_line(const char *id, char *line, size_t room)
{
	const char *colon = strrchr(id, ':');
	char path[PATH_BYTES];
	bool found;
	int file;

	if (!colon || colon == id)
		return false;
	snprintf(path, sizeof(path), "%s/%.*s", KVM_TREE, (int)(colon - id), id);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	found = read_line(file, strtoul(colon + 1, NULL, 10), line, room);
	close(file);
	return found;
}

const char *known_reason(enum finding_class class, const char *id, const char *source_line)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].class == class && !strncmp(id, known[i].where, strlen(known[i].where)) &&
		    strstr(source_line, known[i].condition))
			return known[i].reason;
	}
	return NULL;
}
