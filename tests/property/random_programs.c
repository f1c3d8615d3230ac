// SPDX-License-Identifier: GPL-2.0-only
/*
 * random_programs.c - property: whatever a program says, one operation at a time, an unmodified core stays right: every
 * refusal is the one that the specification demands, what is refused changes nothing, and every audit is clean.
 *
 * random_programs [SEED [PROGRAMS [OPERATIONS]]].  The machine is that of the first program.  Exit code 1: a finding;
 * the program that made it is printed on standard error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/run/run.h"
#include "tests/core/core_fixture.h"

#define THREADS 3

/* A tree without private memory has no such VM. */
static void run_one(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		    const struct program *program, struct run_tally *tally)
{
	const struct run_options options = { .digest_every = 1 };

	is_supported(run_program(core, config, program, &options, tally), "VM");
	if (finding_any())
		program_print(program, stderr);
}

int main(int argc, char *argv[])
{
	const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 300;
	const unsigned long nr_ops = argc > 3 ? strtoul(argv[3], NULL, 0) : 64;
	const struct host_config host = { .seed = seed };
	const struct mmu_core_ops *core;
	struct run_tally tally = { 0 };
	struct mmu_core_config config;
	struct program program;
	unsigned long i;

	program_generate(&program, seed, THREADS, nr_ops);
	program_machine(&program, &config);
	program_free(&program);
	core = fixture_core(&host, &config, "random programs");
	for (i = 0; i < count && !finding_any(); i++) {
		program_generate(&program, seed + i, THREADS, nr_ops);
		run_one(core, &config, &program, &tally);
		program_free(&program);
	}
	printf("seed %" PRIu64 ": %lu programs, ", seed, i);
	run_tally_print(&tally);
	return finding_any() ? 1 : 0;
}
