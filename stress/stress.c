// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress.c - `mmutorture stress`: from the command line to a run.
 */
#include "stress/stress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/invariants/invariants.h"
#include "harness/run/boot.h"
#include "stress/driver.h"
#include "stress/machine.h"

/* What repeats this run; --seed is put there even if it was drawn. */
static char *replay_line(const struct stress_options *options, uint64_t seed)
{
	struct stress_options repeated = *options;
	char *line = NULL;
	size_t length;
	FILE *stream = open_memstream(&line, &length);

	HOST_ASSERT(stream);
	repeated.seed = seed;
	repeated.json = NULL;
	fputs(stress_option_table.command, stream);
	option_print_changed(&stress_option_table, &repeated, stream);
	fclose(stream);
	return line;
}

/* Spoils one invariant in a world of its own: the finding is what was asked for, anything else is our fault. */
static int sabotage(const struct stress *stress)
{
	const char *id = stress->options->sabotage;
	int error;

	error = saboteur_run(stress->core, &stress->core_config, invariant_by_name(id));
	switch (error) {
	case 0:
		printf("\n%s was spoilt and found\n", id);
		return EXIT_FINDING;
	case -EOPNOTSUPP:
		printf("\n%s cannot be spoilt on this core as it is configured\n", id);
		return EXIT_SKIPPED;
	case -ENOENT:
		fprintf(stderr, "%s: --sabotage: %s was spoilt and nothing noticed\n", stress_option_table.command, id);
		return EXIT_HARNESS;
	default:
		fprintf(stderr, "%s: --sabotage: something else than %s was found (error %d)\n",
			stress_option_table.command, id, -error);
		return EXIT_HARNESS;
	}
}

int stress_command(int argc, char *const argv[])
{
	static struct stress_options options;
	static struct stress stress;
	struct finding_run run;
	struct host_config host;
	int error;

	switch (stress_options_parse(argc, argv, &options, stderr)) {
	case OPTION_PARSED:
		break;
	case OPTION_HELP:
		option_print_help(&stress_option_table, stdout);
		return EXIT_OK;
	case OPTION_BAD:
		return EXIT_USAGE;
	}
	if (options.sabotage && invariant_by_name(options.sabotage) == INVARIANTS) {
		fprintf(stderr, "%s: --sabotage: no invariant '%s'; 'mmutorture list' names them\n",
			stress_option_table.command, options.sabotage);
		return EXIT_USAGE;
	}
	stress.options = &options;
	stress.scenario = &scenarios[options.scenario];
	stress.core = machine_find_core(options.core, stress_option_table.command);
	if (!stress.core || !machine_plant(stress.core, options.plant, stress_option_table.command))
		return EXIT_USAGE;
	stress.has_program = options.program;
	if (stress.has_program && !program_load(options.program, &stress.program, stderr))
		return EXIT_USAGE;
	if (stress.has_program && !program_threads(&stress.program)) {
		fprintf(stderr, "%s: --program: %s has no threads\n", stress_option_table.command, options.program);
		return EXIT_USAGE;
	}
	stress.seed = options.seed ? options.seed : machine_new_seed();
	printf("seed %" PRIu64 "\n", stress.seed);
	fflush(stdout);
	stress_options_draw(&options, stress.seed);
	if (stress.has_program)
		program_machine(&stress.program, &stress.core_config);
	else
		machine_config(&options, &stress.core_config);
	machine_host_config(&options, stress.seed, &host);
	run = (struct finding_run){
		.scenario = stress.has_program ? options.program : stress.scenario->name,
		.command_line = replay_line(&options, stress.seed),
	};
	error = core_start(stress.core, &host, &stress.core_config, &run);
	if (error) {
		fprintf(stderr, "%s: the core does not start (error %d)\n", stress_option_table.command, -error);
		return EXIT_HARNESS;
	}
	return options.sabotage ? sabotage(&stress) : stress_run(&stress);
}
