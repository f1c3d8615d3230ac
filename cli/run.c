// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - `mmutorture run FILE`: does what a program says, and tells what was found.
 *
 * The machine is the one that the program's header names; it is fixed for the life of a process.
 */
#include "harness/run/run.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/verdict.h"
#include "cli/words.h"
#include "harness/finding/finding.h"
#include "harness/finding/json_file.h"
#include "harness/invariants/invariants.h"
#include "harness/run/boot.h"
#include "stress/machine.h"
#include "stress/option_parser.h"

struct run_command_options {
	const char *core;
	uint64_t times;
	uint64_t seed;
	bool threads;
	bool trace;
	const char *json;
};

#define FIELD(name) offsetof(struct run_command_options, name)

static const struct option_row rows[] = {
	{ .name = "core",
	  .kind = OPTION_TEXT,
	  .value = "NAME",
	  .offset = FIELD(core),
	  .help = "the MMU under test (the first one that is built in)" },
	{ .name = "times",
	  .kind = OPTION_NUMBER,
	  .value = "N",
	  .preset = 1,
	  .min = 1,
	  .max = UINT32_MAX,
	  .offset = FIELD(times),
	  .help = "how often, unless something is found before" },
	{ .name = "seed",
	  .kind = OPTION_NUMBER,
	  .value = "N",
	  .preset = 0,
	  .max = UINT64_MAX,
	  .offset = FIELD(seed),
	  .help = "of every random decision of the host; 0: the program's own, or 1" },
	{ .name = "threads",
	  .kind = OPTION_FLAG,
	  .offset = FIELD(threads),
	  .help = "each stream on a CPU of its own; else one operation at a time" },
	{ .name = "trace",
	  .kind = OPTION_FLAG,
	  .offset = FIELD(trace),
	  .help = "print each operation with what came of it" },
	{ .name = "json",
	  .kind = OPTION_TEXT,
	  .value = "FILE",
	  .offset = FIELD(json),
	  .help = "write the result there as JSON" },
};

const struct option_table run_option_table = {
	.command = "mmutorture run",
	.summary = "do what a program says: mmutorture run FILE [OPTION...]",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

struct job {
	struct run_command_options options;
	const char *path;
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	struct program program;
	struct run_tally tally;
	uint64_t runs;
};

/* -------------------------------------------------------------------------------------------------------- the words */

static bool print_finding(void *context, const struct finding *finding)
{
	const bool *known = context;

	if (*known == !!finding->known)
		printf("  %-14s %-40s %" PRIu64 " times\n", finding_class_name(finding->class), finding->id,
		       finding->count);
	return true;
}

static void print_summary(const struct job *job)
{
	printf("%" PRIu64 " runs: ", job->runs);
	run_tally_print(&job->tally);
	if (finding_any_known()) {
		printf("known findings (docs/FINDINGS.md):\n");
		finding_for_each(print_finding, &(bool){ true });
	}
	printf(finding_any() ? "findings:\n" : "no findings\n");
	finding_for_each(print_finding, &(bool){ false });
}

static struct cJSON *describe(const struct job *job, uint64_t seed)
{
	struct cJSON *result = cJSON_CreateObject();
	struct cJSON *ops = cJSON_CreateObject();
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, seed);
	cJSON_AddRawToObject(result, "seed", text);
	cJSON_AddStringToObject(result, "seed_text", text);
	cJSON_AddStringToObject(result, "core", job->core->name);
	cJSON_AddStringToObject(result, "kernel", job->core->version());
	cJSON_AddStringToObject(result, "program", job->path);
	cJSON_AddNumberToObject(result, "runs", (double)job->runs);
	for (unsigned int i = 0; i < OPS_COUNT; i++) {
		struct cJSON *op;

		if (!job->tally.done[i] && !job->tally.refused[i] && !job->tally.skipped[i])
			continue;
		op = cJSON_AddObjectToObject(ops, op_rows[i].name);
		cJSON_AddNumberToObject(op, "done", (double)job->tally.done[i]);
		cJSON_AddNumberToObject(op, "refused", (double)job->tally.refused[i]);
		cJSON_AddNumberToObject(op, "skipped", (double)job->tally.skipped[i]);
	}
	cJSON_AddItemToObject(result, "operations", ops);
	cJSON_AddItemToObject(result, "findings", finding_export());
	cJSON_AddItemToObject(result, "invariants", invariant_export());
	return result;
}

/* ---------------------------------------------------------------------------------------------------------- the run */

static int run_times(struct job *job)
{
	const struct run_options options = {
		.trace = job->options.trace ? stdout : NULL,
		.digest_every = 1,
	};

	while (job->runs < job->options.times && !finding_any()) {
		int error = (job->options.threads ? run_threads : run_program)(job->core, &job->config, &job->program,
									       &options, &job->tally);

		if (error)
			return error;
		job->runs++;
	}
	return 0;
}

static char *repeat_line(const struct job *job)
{
	char *line;

	HOST_ASSERT(asprintf(&line, "mmutorture run %s%s --times %" PRIu64, job->path,
			     job->options.threads ? " --threads" : "", job->options.times) >= 0);
	return line;
}

static int start(struct job *job, uint64_t seed)
{
	const struct host_config host = { .seed = seed };
	const struct finding_run run = { .scenario = job->path, .command_line = repeat_line(job) };

	printf("core %s (%s), flavour " MMUTORTURE_FLAVOUR ", %s\n", job->core->name, job->core->version(), job->path);
	fflush(stdout);
	return core_start(job->core, &host, &job->config, &run);
}

static int run_job(struct job *job)
{
	uint64_t seed = job->options.seed ? job->options.seed : job->program.origin.seed ? job->program.origin.seed : 1;
	int error;

	printf("seed %" PRIu64 "\n", seed);
	fflush(stdout);
	program_machine(&job->program, &job->config);
	error = start(job, seed);
	if (error == -EINVAL) {
		fprintf(stderr, "%s: %s: there is no such machine\n", run_option_table.command, job->path);
		return EXIT_USAGE;
	}
	if (error) {
		fprintf(stderr, "%s: the core does not start (error %d)\n", run_option_table.command, -error);
		return EXIT_HARNESS;
	}
	origin_tell(&job->program, job->core);
	error = run_times(job);
	if (error == -EOPNOTSUPP) {
		printf("this core has no such VM: skipped\n");
		return EXIT_SKIPPED;
	}
	if (error) {
		fprintf(stderr, "%s: no VM could be made (error %d)\n", run_option_table.command, -error);
		return EXIT_HARNESS;
	}
	print_summary(job);
	if (job->options.json && json_file_write(job->options.json, describe(job, seed))) {
		fprintf(stderr, "%s: --json: %s could not be written\n", run_option_table.command, job->options.json);
		return EXIT_HARNESS;
	}
	return verdict_of(&job->program, job->core);
}

int run_command(int argc, char *const argv[])
{
	static struct job job;
	int words, result;

	if (!command_begin(&run_option_table, argc, argv, &job.options, &words, &result))
		return result;
	if (words != 1) {
		fprintf(stderr, "%s: which program?  mmutorture run FILE [OPTION...]\n", run_option_table.command);
		return EXIT_USAGE;
	}
	job.path = argv[0];
	job.core = machine_find_core(job.options.core, run_option_table.command);
	if (!job.core || !program_load(job.path, &job.program, stderr))
		return EXIT_USAGE;
	result = run_job(&job);
	program_free(&job.program);
	return result;
}
