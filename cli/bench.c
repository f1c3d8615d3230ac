// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench.c - `mmutorture bench`: the figures of design.md section 8 that this program can take, beside their targets.
 *
 * Nothing is asserted: a target that is missed is printed as missed, and the exit code stays 0.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/measure.h"
#include "cli/words.h"
#include "harness/finding/finding.h"
#include "harness/run/boot.h"
#include "stress/machine.h"

struct bench_options {
	const char *core, *json;
	uint64_t paging, rounds, round_ms;
};

#define FIELD(field) offsetof(struct bench_options, field)

static const struct option_row rows[] = {
	{ "core", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(core), "the MMU to measure" },
	{ "paging", OPTION_CHOICE, "ept|npt", 0, 0, 0, FIELD(paging), "shape of the second-stage tables" },
	{ "rounds", OPTION_NUMBER, "N", 7, 1, 1000, FIELD(rounds), "of which the best counts" },
	{ "round_ms", OPTION_NUMBER, "MS", 300, 1, 60000, FIELD(round_ms), "length of one contended round" },
	{ "json", OPTION_TEXT, "FILE", 0, 0, 0, FIELD(json), "write the figures there as JSON" },
};

const struct option_table bench_option_table = {
	.command = "mmutorture bench",
	.summary = "what the simulated CPU and the checks cost, as ratios taken in one run",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

enum figure_sense {
	FIGURE_AT_MOST,
	FIGURE_AT_LEAST,
};

struct figure {
	const char *name; /* in JSON */
	const char *text;
	const char *flavour; /* the one that the target is meant for */
	enum figure_sense sense;
	double target;
	double value;
};

enum figure_index {
	FIGURE_WHOLE_FAULT,
	FIGURE_SCALING,
	FIGURE_TSAN,
	FIGURES,
};

static struct figure figures[FIGURES] = {
	[FIGURE_WHOLE_FAULT] = { "whole_fault_over_bare",
				 "a fault through KVM_RUN, simulated CPU and checks / the bare handler", "release",
				 FIGURE_AT_MOST, 3, 0 },
	[FIGURE_SCALING] = { "each_of_two_over_alone", "one of 2 vCPU threads beside a zapper / one vCPU thread alone",
			     "release", FIGURE_AT_LEAST, 0.6, 0 },
	[FIGURE_TSAN] = { "faults_per_second", "faults/s of 2 vCPU threads beside a zapper", "tsan", FIGURE_AT_LEAST,
			  100000, 0 },
};

static const char *verdict(const struct figure *figure)
{
	bool met = figure->sense == FIGURE_AT_MOST ? figure->value <= figure->target : figure->value >= figure->target;

	if (strcmp(figure->flavour, MMUTORTURE_FLAVOUR))
		return "no target for this flavour";
	return met ? "met" : "missed";
}

static void print_figures(void)
{
	for (unsigned int i = 0; i < FIGURES; i++) {
		const struct figure *figure = &figures[i];

		printf("%-70s %10.2f   target (%s) %s %g: %s\n", figure->text, figure->value, figure->flavour,
		       figure->sense == FIGURE_AT_MOST ? "<=" : ">=", figure->target, verdict(figure));
	}
}

static int write_json(const char *path, const struct mmu_core_ops *core, const struct measure_fault *fault,
		      const struct measure_scaling *scaling)
{
	struct cJSON *root = cJSON_CreateObject(), *list;
	FILE *file = fopen(path, "w");
	char *text;
	bool written;

	if (!file) {
		cJSON_Delete(root);
		return EXIT_HARNESS;
	}
	cJSON_AddStringToObject(root, "core", core->name);
	cJSON_AddStringToObject(root, "kernel", core->version());
	cJSON_AddStringToObject(root, "flavour", MMUTORTURE_FLAVOUR);
	cJSON_AddNumberToObject(root, "bare_fault_ns", fault->bare_ns);
	cJSON_AddNumberToObject(root, "whole_fault_ns", fault->whole_ns);
	cJSON_AddNumberToObject(root, "alone_faults_per_second", scaling->alone);
	cJSON_AddNumberToObject(root, "each_of_two_faults_per_second", scaling->each_of_two);
	cJSON_AddNumberToObject(root, "zaps_per_second", scaling->zaps);
	list = cJSON_AddArrayToObject(root, "figures");
	for (unsigned int i = 0; i < FIGURES; i++) {
		struct cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "name", figures[i].name);
		cJSON_AddNumberToObject(item, "value", figures[i].value);
		cJSON_AddNumberToObject(item, "target", figures[i].target);
		cJSON_AddStringToObject(item, "verdict", verdict(&figures[i]));
		cJSON_AddItemToArray(list, item);
	}
	text = cJSON_Print(root);
	written = fputs(text, file) >= 0 && fputc('\n', file) >= 0;
	written = !fclose(file) && written;
	free(text);
	cJSON_Delete(root);
	return written ? EXIT_OK : EXIT_HARNESS;
}

static int measure_all(const struct bench_options *options, const struct mmu_core_ops *core,
		       const struct mmu_core_config *config)
{
	struct measure measure = { .rounds = (unsigned int)options->rounds, .round_ns = options->round_ms * 1000000 };
	struct measure_fault fault;
	struct measure_scaling scaling;

	if (measure_begin(&measure, core, config)) {
		fprintf(stderr, "%s: no VM could be made\n", bench_option_table.command);
		return EXIT_HARNESS;
	}
	fault = measure_fault(&measure);
	scaling = measure_scaling(&measure);
	measure_end(&measure);

	figures[FIGURE_WHOLE_FAULT].value = fault.whole_ns / fault.bare_ns;
	figures[FIGURE_SCALING].value = scaling.each_of_two / scaling.alone;
	figures[FIGURE_TSAN].value = 2 * scaling.each_of_two;
	printf("%s, %s flavour, best of %u rounds\n", core->version(), MMUTORTURE_FLAVOUR, measure.rounds);
	printf("a fault: bare handler %.0f ns, through everything %.0f ns\n", fault.bare_ns, fault.whole_ns);
	printf("faults/s: one vCPU thread alone %.0f, each of two beside a zapper %.0f (%.0f zaps/s)\n\n",
	       scaling.alone, scaling.each_of_two, scaling.zaps);
	print_figures();
	if (finding_any())
		return EXIT_FINDING;
	return options->json ? write_json(options->json, core, &fault, &scaling) : EXIT_OK;
}

int bench_command(int argc, char *const argv[])
{
	struct bench_options options;
	struct stress_options machine;
	struct mmu_core_config config;
	struct host_config host;
	const struct mmu_core_ops *core;
	int result;

	if (!command_begin(&bench_option_table, argc, argv, &options, NULL, &result))
		return result;
	core = machine_find_core(options.core, bench_option_table.command);
	if (!core)
		return EXIT_USAGE;

	/* As stress runs, but without what slows it down on purpose. */
	stress_options_parse(0, NULL, &machine, stderr);
	machine.preempt = 0;
	machine.resched = 0;
	machine.rcu_delay = 0;
	machine.paging = options.paging;
	machine.pml = STRESS_ON;
	machine_config(&machine, &config);
	machine_host_config(&machine, 1, &host);
	if (core_boot(core, &host, &config)) {
		fprintf(stderr, "%s: the core does not start\n", bench_option_table.command);
		return EXIT_HARNESS;
	}
	return measure_all(&options, core, &config);
}
