// SPDX-License-Identifier: GPL-2.0-only
/*
 * diff.c - `mmutorture diff FILE`: one program on two cores, or on two machines of one core; what differs after which
 * operation, and the smallest program that still differs in that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/sides.h"
#include "cli/words.h"
#include "harness/minimize/minimize.h"
#include "stress/machine.h"

#define TRIAL_SECONDS 5

struct diff_options {
	const char *left, *right, *plant, *minimize;
	uint64_t right_paging;
	uint64_t seed;
};

#define FIELD(name) offsetof(struct diff_options, name)

static const struct option_row rows[] = {
	{ .name = "left",
	  .kind = OPTION_TEXT,
	  .value = "NAME",
	  .offset = FIELD(left),
	  .help = "one core (the first one that is built in)" },
	{ .name = "right",
	  .kind = OPTION_TEXT,
	  .value = "NAME",
	  .offset = FIELD(right),
	  .help = "the other one (the last one that is built in)" },
	{ .name = "right-paging",
	  .kind = OPTION_CHOICE,
	  .value = "same|other",
	  .offset = FIELD(right_paging),
	  .help = "other: the right machine has NPT where the program's has EPT, and the other way round" },
	{ .name = "plant",
	  .kind = OPTION_TEXT,
	  .value = "ID",
	  .offset = FIELD(plant),
	  .help = "give the right core a bug of those that `mmutorture list` names" },
	{ .name = "minimize",
	  .kind = OPTION_TEXT,
	  .value = "FILE",
	  .offset = FIELD(minimize),
	  .help = "write the smallest program there whose first difference is of the same kind" },
	{ .name = "seed",
	  .kind = OPTION_NUMBER,
	  .value = "N",
	  .preset = 0,
	  .max = UINT64_MAX,
	  .offset = FIELD(seed),
	  .help = "of every random decision of the host; 0: the program's own, or 1" },
};

const struct option_table diff_option_table = {
	.command = "mmutorture diff",
	.summary = "a program on two cores, and what differs: mmutorture diff FILE [OPTION...]",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

/* ------------------------------------------------------------------------------------------------------ minimising */

struct search {
	struct sides sides;
	const char *path;
	enum difference difference;
	uint8_t code; /* of the operation */
	bool failed; /* to write */
};

/* The same kind of difference comes first, and after the same kind of operation. */
static bool shows(void *context, struct program *candidate)
{
	struct search *search = context;
	struct comparison comparison;

	sides_compare(&search->sides, candidate, &comparison);
	return compare_first(&comparison) == search->difference &&
	       comparison.first_code[search->difference] == search->code;
}

static bool save(void *context, const struct program *best)
{
	struct search *search = context;

	search->failed = !program_save(search->path, best, true, stderr);
	return !search->failed;
}

static int minimize_difference(const struct sides *sides, struct program *program, const struct comparison *comparison,
			       const char *path)
{
	enum difference first = compare_first(comparison);
	struct search search = {
		.sides = *sides,
		.path = path,
		.difference = first,
		.code = comparison->first_code[first],
	};
	const struct minimize_hooks hooks = { .shows = shows, .better = save, .context = &search };
	struct minimize_tally tally = { 0 };

	search.sides.limit_seconds = TRIAL_SECONDS;
	if (!shows(&search, program)) {
		fprintf(stderr, "%s: it does not differ the same way twice\n", diff_option_table.command);
		return EXIT_HARNESS;
	}
	if (!save(&search, program))
		return EXIT_USAGE;
	minimize(&hooks, program, &tally);
	printf("%s: %zu operations after %" PRIu64 " trials\n\n", path, program->nr_ops, tally.trials);
	program_print(program, stdout);
	return search.failed ? EXIT_USAGE : EXIT_FINDING;
}

/* ----------------------------------------------------------------------------------------------------- the command */

/* True: both sides got to the end of the program, and there is something to compare. */
static bool came_through(const struct side *side)
{
	if (side->code == EXIT_SKIPPED)
		fprintf(stderr, "%s: %s has no such machine\n", diff_option_table.command, side->name);
	else if (side->code != EXIT_OK && side->code != EXIT_USAGE) /* which has been said there */
		fprintf(stderr,
			"%s: on %s something is wrong by itself (exit code %d): mmutorture run FILE --core %s\n",
			diff_option_table.command, side->name, side->code, side->core->name);
	return side->code == EXIT_OK;
}

static int compare(struct program *program, const struct diff_options *options, struct sides *sides)
{
	struct comparison comparison;
	int result = EXIT_OK;

	sides_compare(sides, program, &comparison);
	for (unsigned int i = 0; i < 2 && result == EXIT_OK; i++)
		result = came_through(&sides->side[i]) ? EXIT_OK : sides->side[i].code;
	if (result == EXIT_SKIPPED)
		return result;
	compare_print(&comparison, stdout);
	if (!compare_differs(&comparison))
		return result;
	printf("spec.md supports %s\n",
	       compare_verdict(&comparison, sides->side[0].code == EXIT_FINDING, sides->side[1].code == EXIT_FINDING));
	fflush(stdout);
	if (options->minimize)
		return minimize_difference(sides, program, &comparison, options->minimize);
	return result == EXIT_OK ? EXIT_FINDING : result;
}

static const struct mmu_core_ops *last_core(void)
{
	unsigned int i = 0;

	while (mmu_cores[i] && mmu_cores[i + 1])
		i++;
	return mmu_cores[i];
}

static bool choose_sides(const struct program *program, const struct diff_options *options, struct sides *sides)
{
	const char *command = diff_option_table.command;

	sides->side[0].core = machine_find_core(options->left, command);
	sides->side[1].core = options->right ? machine_find_core(options->right, command) : last_core();
	sides->side[1].plant = options->plant;
	sides->other_paging = options->right_paging;
	sides->seed = options->seed ? options->seed : program->origin.seed ? program->origin.seed : 1;
	return sides->side[0].core && sides->side[1].core;
}

int diff_command(int argc, char *const argv[])
{
	struct diff_options options = { 0 };
	struct sides sides = { 0 };
	struct program program;
	size_t left_out;
	int words, result;

	if (!command_begin(&diff_option_table, argc, argv, &options, &words, &result))
		return result;
	if (words != 1) {
		fprintf(stderr, "%s: which file?  %s FILE\n", diff_option_table.command, diff_option_table.command);
		return EXIT_USAGE;
	}
	result = EXIT_USAGE;
	if (program_load(argv[0], &program, stderr) && choose_sides(&program, &options, &sides)) {
		left_out = compare_leave_out(&program, sides.side[0].core, sides.side[1].core);
		if (left_out)
			printf("left out: %zu operations that cannot be compared\n", left_out);
		result = compare(&program, &options, &sides);
	}
	program_free(&program);
	return result;
}
