// SPDX-License-Identifier: GPL-2.0-only
/*
 * made_file.c - a document that a program makes.
 */
#include "tests/docs/made_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static char *make_text(void (*make)(FILE *stream))
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		exit(2);
	make(stream);
	fclose(stream);
	return text;
}

static char *read_file(const char *path)
{
	FILE *stream = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!stream || getdelim(&text, &room, '\0', stream) < 0)
		return NULL;
	fclose(stream);
	return text;
}

static int write_file(const char *path, const char *text)
{
	FILE *stream = fopen(path, "w");

	if (!stream || fputs(text, stream) < 0 || fclose(stream)) {
		perror(path);
		return 2;
	}
	return 0;
}

static int compare(const char *program, const char *file, const char *from, const char *wanted)
{
	char *found = read_file(file);
	bool same = found && strcmp(found, wanted) == 0;

	free(found);
	if (same)
		printf("%s: as %s says\n", file, from);
	else
		fprintf(stderr, "%s is not what %s says: run %s --write %s\n", file, from, program, file);
	return same ? 0 : 1;
}

int made_file_main(int argc, char *argv[], const char *from, void (*make)(FILE *stream))
{
	char *wanted = make_text(make);
	int status = 2;

	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		status = write_file(argv[2], wanted);
	else if (argc == 2)
		status = compare(argv[0], argv[1], from, wanted);
	else
		fprintf(stderr, "usage: %s [--write] FILE\n", argv[0]);
	free(wanted);
	return status;
}
