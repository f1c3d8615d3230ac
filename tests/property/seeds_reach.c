// SPDX-License-Identifier: GPL-2.0-only
/*
 * seeds_reach.c - property: the seeds of corpora/program, together, do every operation and meet every refusal.
 *
 * seeds_reach FILE...  Each runs once, one operation at a time, on the machine of the first.  What this tree does not
 * have cannot be reached and is named with the reason.  Exit code 1: a finding, or something was never reached.
 */
#include <errno.h>
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
	if (error == -EOPNOTSUPP)
		printf("%s: this tree has no such VM\n", path);
	else
		must(error, path);
	if (finding_any())
		fprintf(stderr, "seeds_reach: found by %s\n", path);
	program_free(&program);
}

/* Why a row cannot be reached on this tree; NULL: it can. */
static const char *excuse(const char *name)
{
	unsigned int all = MMU_FEATURE_ATTRIBUTES | MMU_FEATURE_GMEM | MMU_FEATURE_PREFAULT;
	bool is_about_lacking = !strncmp(name, "no_attributes", 13) || !strcmp(name, "no_gmem") ||
				!strcmp(name, "no_prefault") || !strcmp(name, "call_missing");
	static const char *const needs[] = { "gmem", "attribute", "fallocate", "prefault", "undefined" };

	if (is_about_lacking)
		return (core->features & all) == all ? "this tree has it" : NULL;
	/* Older kernels give the SMI up instead of the VM. */
	if (!strcmp(name, "vm_is_dead") && (core->features & all) != all)
		return "this tree has VMs that survive it";
	for (unsigned int i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (!strncmp(name, needs[i], strlen(needs[i])) && (core->features & all) != all)
			return "this tree does not have it";
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
