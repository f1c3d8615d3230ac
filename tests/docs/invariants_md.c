// SPDX-License-Identifier: GPL-2.0-only
/*
 * invariants_md.c - docs/INVARIANTS.md, made from invariants.def.
 */
#include <string.h>

#include "tests/docs/made_file.h"

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

static void make(FILE *stream)
{
	fputs(intro, stream);
	for (unsigned int i = 0; i < ROWS; i++)
		fprintf(stream, "| %s | %s | %s | %s |\n", rows[i].id, when_text(rows[i].when), rows[i].statement,
			rows[i].source);
}

int main(int argc, char *argv[])
{
	return made_file_main(argc, argv, "invariants.def", make);
}
