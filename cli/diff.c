// SPDX-License-Identifier: GPL-2.0-only
/*
 * diff.c - `mmutorture diff FILE`: one program on two cores, or on two machines of one core, each in a process of its
 * own; what differs after which operation.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "harness/compare/compare.h"
#include "harness/finding/finding.h"
#include "harness/run/boot.h"
#include "stress/machine.h"

struct diff_options {
	const char *left, *right;
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

struct side {
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	char name[64];
	pid_t process;
	FILE *stream;
};

static int observe(const struct side *side, const struct program *program, uint64_t seed, int out)
{
	const struct host_config host = { .seed = seed };
	FILE *stream = fdopen(out, "w");
	int error = core_boot(side->core, &host, &side->config);

	if (!error && stream)
		error = compare_observe(side->core, &side->config, program, stream);
	if (finding_any())
		return EXIT_FINDING;
	return !error ? EXIT_OK : error == -EINVAL || error == -EOPNOTSUPP ? EXIT_SKIPPED : EXIT_HARNESS;
}

static void begin(struct side *side, const struct program *program, uint64_t seed)
{
	int ends[2];

	HOST_ASSERT(!pipe(ends));
	side->process = fork();
	HOST_ASSERT(side->process >= 0);
	if (!side->process) {
		close(ends[0]);
		_exit(observe(side, program, seed, ends[1]));
	}
	close(ends[1]);
	side->stream = fdopen(ends[0], "r");
	HOST_ASSERT(side->stream);
}

static int end(struct side *side)
{
	int status;

	fclose(side->stream);
	while (waitpid(side->process, &status, 0) < 0)
		HOST_ASSERT(errno == EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_HARNESS;
}

static void print(const struct comparison *comparison)
{
	printf("%" PRIu64 " operations on %s and on %s\n", comparison->ops, comparison->left_name,
	       comparison->right_name);
	for (unsigned int i = 0; i < DIFFERENCES; i++) {
		if (!comparison->count[i])
			continue;
		printf("  %-12s %6" PRIu64 "  %s%s\n", difference_name(i), comparison->count[i],
		       i < DIFFERENCE_FIRST_EXPECTED ? "" : "expected: ", difference_meaning(i));
		printf("               first: %s\n", comparison->first[i]);
	}
	printf(compare_differs(comparison) ? "they differ\n" : "no differences\n");
}

/* True: both sides got to the end of the program, and there is something to compare. */
static bool came_through(const struct side *side, int code)
{
	if (code == EXIT_SKIPPED)
		fprintf(stderr, "%s: %s has no such machine\n", diff_option_table.command, side->name);
	else if (code != EXIT_OK)
		fprintf(stderr,
			"%s: on %s something is wrong by itself (exit code %d): mmutorture run FILE --core %s\n",
			diff_option_table.command, side->name, code, side->core->name);
	return code == EXIT_OK;
}

static int compare(const struct program *program, const struct diff_options *options, struct side sides[2])
{
	uint64_t seed = options->seed ? options->seed : program->origin.seed ? program->origin.seed : 1;
	struct comparison comparison = {
		.left_name = sides[0].name,
		.right_name = sides[1].name,
		.program = program,
	};
	int left, right;

	for (unsigned int i = 0; i < 2; i++)
		begin(&sides[i], program, seed);
	compare_streams(&comparison, sides[0].stream, sides[1].stream);
	left = end(&sides[0]);
	right = end(&sides[1]);
	print(&comparison);
	if (!came_through(&sides[0], left))
		return left;
	if (!came_through(&sides[1], right))
		return right;
	return compare_differs(&comparison) ? EXIT_FINDING : EXIT_OK;
}

static const struct mmu_core_ops *last_core(void)
{
	unsigned int i = 0;

	while (mmu_cores[i] && mmu_cores[i + 1])
		i++;
	return mmu_cores[i];
}

/*
 * Cores allocate differently: what fails in one is another thing in the other.  And a bare fault for which KVM would
 * emulate leaves it in the middle of an instruction that there is not.
 */
static bool is_comparable(const struct op *op)
{
	return op->code != OP_fail_alloc && op->code != OP_fault;
}

static void leave_out(struct program *program)
{
	size_t kept = 0;

	for (size_t i = 0; i < program->nr_ops; i++) {
		if (is_comparable(&program->ops[i]))
			program->ops[kept++] = program->ops[i];
	}
	if (kept < program->nr_ops)
		printf("left out: %zu fail_alloc and fault\n", program->nr_ops - kept);
	program->nr_ops = kept;
}

static bool choose_sides(const struct program *program, const struct diff_options *options, struct side sides[2])
{
	sides[0].core = machine_find_core(options->left, diff_option_table.command);
	sides[1].core = options->right ? machine_find_core(options->right, diff_option_table.command) : last_core();
	if (!sides[0].core || !sides[1].core)
		return false;
	for (unsigned int i = 0; i < 2; i++) {
		struct mmu_core_config *config = &sides[i].config;

		program_machine(program, config);
		if (i == 1 && options->right_paging) {
			config->paging = config->paging == MMU_PAGING_EPT ? MMU_PAGING_NPT : MMU_PAGING_EPT;
			config->accessed_dirty |= config->paging == MMU_PAGING_NPT;
			config->pml = false;
		}
		snprintf(sides[i].name, sizeof(sides[i].name), "%s (%s)", sides[i].core->name,
			 config->paging == MMU_PAGING_EPT ? "EPT" : "NPT");
	}
	return true;
}

int diff_command(int argc, char *const argv[])
{
	struct diff_options options = { 0 };
	int words, result;
	struct side sides[2] = { 0 };
	struct program program;

	if (!command_begin(&diff_option_table, argc, argv, &options, &words, &result))
		return result;
	if (words != 1) {
		fprintf(stderr, "%s: which file?  %s FILE\n", diff_option_table.command, diff_option_table.command);
		return EXIT_USAGE;
	}
	result = EXIT_USAGE;
	if (program_load(argv[0], &program, stderr) && choose_sides(&program, &options, sides)) {
		leave_out(&program);
		result = compare(&program, &options, sides);
	}
	program_free(&program);
	return result;
}
