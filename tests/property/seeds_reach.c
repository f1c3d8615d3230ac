// SPDX-License-Identifier: GPL-2.0-only
/*
 * seeds_reach.c - property: the seeds of corpora/program, together, do every operation and meet every refusal.
 *
 * seeds_reach FILE...  Each runs once, one operation at a time, on the machine of the first.  What this tree does not
 * have cannot be reached and is named with the reason.  Exit code 1: a finding, or something was never reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/oracle/refusals.h"
#include "harness/run/run.h"
#include "tests/core/core_fixture.h"

static const struct mmu_core_ops *core;
static struct run_tally tally;

static void run_file(const char *path)
{
	static const struct host_config host = { .seed = 1 };
	static struct mmu_core_config config;
	const struct run_options options = { .digest_every = 1 };
	struct program program;
	int error;

	if (!program_load(path, &program, stderr))
		exit(3);
	if (!core) {
		program_machine(&program, &config);
		core = fixture_core(&host, &config, "seeds");
	}
	error = run_program(core, &config, &program, &options, &tally);
	if (!is_supported(error, path))
		printf("%s: this tree has no such VM\n", path);
	if (finding_any())
		fprintf(stderr, "seeds_reach: found by %s\n", path);
	program_free(&program);
}

#define ALL_FEATURES (MMU_FEATURE_ATTRIBUTES | MMU_FEATURE_GMEM | MMU_FEATURE_PREFAULT)

/* By the beginning of the row's name: what the tree must have, or for a row about that must not have. */
static const struct {
	const char *name;
	unsigned int features;
	bool is_about_lacking;
} needs[] = {
	{ "no_attributes", MMU_FEATURE_ATTRIBUTES, true },
	{ "no_gmem", MMU_FEATURE_GMEM, true },
	{ "no_prefault", MMU_FEATURE_PREFAULT, true },
	{ "call_missing", ALL_FEATURES, true },
	{ "gmem", MMU_FEATURE_GMEM, false },
	{ "fallocate", MMU_FEATURE_GMEM, false },
	{ "attribute", MMU_FEATURE_ATTRIBUTES, false },
	{ "prefault", MMU_FEATURE_PREFAULT, false },
	{ "undefined", ALL_FEATURES, false },
	/* Older kernels give the SMI up instead of the VM. */
	{ "vm_is_dead", ALL_FEATURES, false },
};

/* Why a row cannot be reached on this tree; NULL: it can. */
static const char *excuse(const char *name)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		bool has = (core->features & needs[i].features) == needs[i].features;

		if (!strncmp(name, needs[i].name, strlen(needs[i].name)) && has == needs[i].is_about_lacking)
			return has ? "this tree has it" : "this tree does not have it";
	}
	return NULL;
}

static unsigned int count_unreached(void)
{
	unsigned int unreached = 0;

	for (size_t i = 0; i < nr_refusal_rows; i++) {
		const char *why = excuse(refusal_rows[i].name);

		if (refusal_reached(i))
			continue;
		printf("%s: never reached%s%s\n", refusal_rows[i].name, why ? ": " : "", why ? why : "");
		unreached += !why;
	}
	for (unsigned int op = 0; op < OPS_COUNT; op++) {
		bool may_lack = (op == OP_shrink && tally.refused[op]) || excuse(op_rows[op].name);

		if (tally.done[op])
			continue;
		printf("%s: never done%s\n", op_rows[op].name, may_lack ? ": this tree does not have it" : "");
		unreached += !may_lack;
	}
	return unreached;
}

int main(int argc, char *argv[])
{
	unsigned int unreached;

	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	unreached = count_unreached();
	printf("%d seeds, %zu refusals, %u operations: %u never reached\n", argc - 1, nr_refusal_rows,
	       (unsigned int)OPS_COUNT, unreached);
	return unreached || finding_any() ? 1 : 0;
}
