// SPDX-License-Identifier: GPL-2.0-only
/*
 * invariants_md.c - docs/INVARIANTS.md, made from invariants.def.
 *
 * invariants_md FILE          exit code 1 if FILE is not what this program would write
 * invariants_md --write FILE  writes it
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *id;
	const char *when;
	const char *statement;
	const char *source;
};

static const struct row rows[] = {
#define INVARIANT(id, when, statement, source) { #id, #when, statement, source },
#include "harness/invariants.def"
#undef INVARIANT
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char intro[] =
	"# Invariants\n"
	"\n"
	"What must hold of an MMU, and when it is checked. Generated from `harness/invariants.def` by `tests/docs`;\n"
	"how to add a row stands in [ADDING_AN_INVARIANT.md](ADDING_AN_INVARIANT.md). Ids are those of the\n"
	"specification's section 7 without their `I-`. Each row has a saboteur that trips it and nothing else:\n"
	"`mmutorture stress --sabotage ID`.\n"
	"\n"
	"| when | checked |\n"
	"|---|---|\n"
	"| always | wherever the value is seen: by audits and by each guest access |\n"
	"| quiescent | by audits: the world is stopped during a run, and at its end |\n"
	"| end of op | when one operation has returned; under free-running threads by the next audit |\n"
	"| use | by the simulated CPU, on each access that relies on it |\n"
	"\n"
	"| id | when | must hold | source |\n"
	"|---|---|---|---|\n";

static const char *when_text(const char *when)
{
	static const struct {
		const char *word, *text;
	} words[] = {
		{ "ALWAYS", "always" },
		{ "QUIESCENT", "quiescent" },
		{ "END_OF_OP", "end of op" },
		{ "USE", "use" },
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, when) == 0)
			return words[i].text;
	return when;
}

static char *make(size_t *length)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, length);

	if (!stream)
		exit(2);
	fputs(intro, stream);
	for (unsigned int i = 0; i < ROWS; i++)
		fprintf(stream, "| %s | %s | %s | %s |\n", rows[i].id, when_text(rows[i].when), rows[i].statement,
			rows[i].source);
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

static int compare(const char *program, const char *file, const char *wanted)
{
	char *found = read_file(file);
	bool same = found && strcmp(found, wanted) == 0;

	free(found);
	if (same)
		printf("%s: %zu rows\n", file, ROWS);
	else
		fprintf(stderr, "%s is not what invariants.def says: run %s --write %s\n", file, program, file);
	return same ? 0 : 1;
}

int main(int argc, char *argv[])
{
	size_t length;
	char *wanted = make(&length);
	int status = 2;

	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		status = write_file(argv[2], wanted);
	else if (argc == 2)
		status = compare(argv[0], argv[1], wanted);
	else
		fprintf(stderr, "usage: invariants_md [--write] FILE\n");
	free(wanted);
	return status;
}
