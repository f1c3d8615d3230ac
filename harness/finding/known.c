// SPDX-License-Identifier: GPL-2.0-only
/*
 * known.c - looks findings up in known.def, by what the core's source says: line numbers differ between trees.
 */
#include "harness/finding/known.h"

#include <fcntl.h>
#include <stdatomic.h>
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
#define KNOWN_BREACH(invariant, name, facts, path, text, reason)
#include "harness/finding/known.def"
#undef KNOWN
#undef KNOWN_BREACH
};

static const struct known_breach breaches[] = {
#define KNOWN(class, where, condition, reason)
#define KNOWN_BREACH(invariant, name, facts, path, text, reason) { INV_##invariant, name, facts, path, text, reason },
#include "harness/finding/known.def"
#undef KNOWN
#undef KNOWN_BREACH
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

static int open_source(const char *name, int length)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%.*s", KVM_TREE, length, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool known_source_line(const char *id, char *line, size_t room)
{
	const char *colon = strrchr(id, ':');
	bool found;
	int file;

	if (!colon || colon == id)
		return false;
	file = open_source(id, (int)(colon - id));
	if (file < 0)
		return false;
	found = read_line(file, strtoul(colon + 1, NULL, 10), line, room);
	close(file);
	return found;
}

/* A chunk begins with the end of the one before, so that no text is cut in two. */
bool known_source_has(const char *path, const char *text)
{
	size_t length = strlen(text), kept = 0;
	int file = open_source(path, (int)strlen(path));
	char chunk[CHUNK_BYTES];
	bool found = false;
	ssize_t bytes;

	while (file >= 0 && !found && (bytes = read(file, chunk + kept, sizeof(chunk) - kept)) > 0) {
		size_t filled = kept + (size_t)bytes;

		found = memmem(chunk, filled, text, length);
		kept = filled < length ? filled : length - 1;
		memmove(chunk, chunk + filled - kept, kept);
	}
	if (file >= 0)
		close(file);
	return found;
}

/* The tree stays as it is for the life of the process. */
static bool tree_does_it(size_t row)
{
	static _Atomic signed char answers[sizeof(breaches) / sizeof(breaches[0])];
	signed char answer = atomic_load_explicit(&answers[row], memory_order_relaxed);

	if (!answer) {
		answer = known_source_has(breaches[row].path, breaches[row].text) ? 1 : -1;
		atomic_store_explicit(&answers[row], answer, memory_order_relaxed);
	}
	return answer > 0;
}

const struct known_breach *known_breach_of(const char *core, enum invariant_id id, const char *facts)
{
	if (!core || strcmp(core, "kvm")) /* the one whose source it is */
		return NULL;
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
		if (breaches[i].id == id && strstr(facts, breaches[i].facts) && tree_does_it(i))
			return &breaches[i];
	}
	return NULL;
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
