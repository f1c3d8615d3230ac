// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench.c - `mmutorture bench`: the figures of design.md section 8 that this program can take, beside their targets.
 *
 * Nothing is asserted: a target that is missed is printed as missed, and the exit code stays 0.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
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
	const char *core, *against, *json;
	uint64_t paging, rounds, round_ms;
};

#define FIELD(field) offsetof(struct bench_options, field)

static const struct option_row rows[] = {
	{ "core", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(core), "the MMU to measure" },
	{ "against", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(against), "another one, measured in turns with it" },
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

/* One of the cores that take turns. */
struct side {
	const struct mmu_core_ops *core;
	struct measure measure;
	struct measure_fault fault;
	struct measure_scaling scaling;
};

struct sides {
	struct side side[2];
	unsigned int nr;
};

static void add_side(struct cJSON *object, const struct side *side)
{
	cJSON_AddStringToObject(object, "core", side->core->name);
	cJSON_AddStringToObject(object, "kernel", side->core->version());
	cJSON_AddNumberToObject(object, "bare_fault_ns", side->fault.bare_ns);
	cJSON_AddNumberToObject(object, "whole_fault_ns", side->fault.whole_ns);
	cJSON_AddNumberToObject(object, "alone_faults_per_second", side->scaling.alone);
	cJSON_AddNumberToObject(object, "each_of_two_faults_per_second", side->scaling.each_of_two);
	cJSON_AddNumberToObject(object, "zaps_per_second", side->scaling.zaps);
}

static int write_json(const char *path, const struct sides *sides)
{
	struct cJSON *root = cJSON_CreateObject(), *list;
	FILE *file = fopen(path, "w");
	char *text;
	bool written;

	if (!file) {
		cJSON_Delete(root);
		return EXIT_HARNESS;
	}
	cJSON_AddStringToObject(root, "flavour", MMUTORTURE_FLAVOUR);
	add_side(root, &sides->side[0]);
	if (sides->nr == 2)
		add_side(cJSON_AddObjectToObject(root, "against"), &sides->side[1]);
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

static void take_turns(struct sides *sides, uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		for (unsigned int i = 0; i < sides->nr; i++)
			measure_fault(&sides->side[i].measure, &sides->side[i].fault);
	}
	for (uint64_t round = 0; round < rounds; round++) {
		for (unsigned int i = 0; i < sides->nr; i++)
			measure_scaling(&sides->side[i].measure, &sides->side[i].scaling);
	}
}

static void print_side(const struct side *side)
{
	printf("%s (%s)\n", side->core->name, side->core->version());
	printf("  a fault: bare handler %.0f ns, through everything %.0f ns\n", side->fault.bare_ns,
	       side->fault.whole_ns);
	printf("  faults/s: one vCPU thread alone %.0f, each of two beside a zapper %.0f (%.0f zaps/s)\n",
	       side->scaling.alone, side->scaling.each_of_two, side->scaling.zaps);
}

static void print_ratio(const struct side *side, const struct side *against)
{
	printf("%s / %s, faults/s: bare handler %.2f, through everything %.2f, one vCPU thread alone %.2f, each of two "
	       "beside a zapper %.2f\n",
	       against->core->name, side->core->name, side->fault.bare_ns / against->fault.bare_ns,
	       side->fault.whole_ns / against->fault.whole_ns, against->scaling.alone / side->scaling.alone,
	       against->scaling.each_of_two / side->scaling.each_of_two);
}

static int measure_all(const struct bench_options *options, struct sides *sides, const struct mmu_core_config *config)
{
	const struct side *first = &sides->side[0];

	for (unsigned int i = 0; i < sides->nr; i++) {
		sides->side[i].measure.round_ns = options->round_ms * 1000000;
		if (measure_begin(&sides->side[i].measure, sides->side[i].core, config)) {
			fprintf(stderr, "%s: no VM could be made\n", bench_option_table.command);
			return EXIT_HARNESS;
		}
	}
	take_turns(sides, options->rounds);
	for (unsigned int i = 0; i < sides->nr; i++)
		measure_end(&sides->side[i].measure);

	figures[FIGURE_WHOLE_FAULT].value = first->fault.whole_ns / first->fault.bare_ns;
	figures[FIGURE_SCALING].value = first->scaling.each_of_two / first->scaling.alone;
	figures[FIGURE_TSAN].value = 2 * first->scaling.each_of_two;
	printf("%s flavour, best of %" PRIu64 " rounds\n", MMUTORTURE_FLAVOUR, options->rounds);
	for (unsigned int i = 0; i < sides->nr; i++)
		print_side(&sides->side[i]);
	if (sides->nr == 2)
		print_ratio(first, &sides->side[1]);
	printf("\n");
	print_figures();
	if (finding_any())
		return EXIT_FINDING;
	return options->json ? write_json(options->json, sides) : EXIT_OK;
}

static bool choose_sides(const struct bench_options *options, struct sides *sides)
{
	const char *command = bench_option_table.command;

	sides->nr = options->against ? 2 : 1;
	sides->side[0].core = machine_find_core(options->core, command);
	if (sides->nr == 1 || !sides->side[0].core)
		return sides->side[0].core;
	sides->side[1].core = machine_find_core(options->against, command);
	if (sides->side[1].core == sides->side[0].core)
		fprintf(stderr, "%s: --against: another core than %s\n", command, sides->side[0].core->name);
	return sides->side[1].core && sides->side[1].core != sides->side[0].core;
}

int bench_command(int argc, char *const argv[])
{
	struct bench_options options;
	struct stress_options machine;
	struct mmu_core_config config;
	struct host_config host;
	struct sides sides = { 0 };
	int result;

	if (!command_begin(&bench_option_table, argc, argv, &options, NULL, &result))
		return result;
	if (!choose_sides(&options, &sides))
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
	if (core_boot(sides.side[0].core, &host, &config) || (sides.nr == 2 && sides.side[1].core->init(&config))) {
		fprintf(stderr, "%s: the core does not start\n", bench_option_table.command);
		return EXIT_HARNESS;
	}
	return measure_all(&options, &sides, &config);
}
