// SPDX-License-Identifier: GPL-2.0-only
/*
 * options_test.c - the options of `mmutorture stress`: presets, both spellings, one line for each mistake.
 */
#include <string.h>

#include "check.h"
#include "stress/options.h"
#include "stress/scenario.h"

#define ARGUMENTS_MAX 16

/* Parses the words of @line; what was said about it stays in @said. */
static char said[512];

static enum option_result parse(const char *line, struct stress_options *options)
{
	static char words[512];
	char *argv[ARGUMENTS_MAX];
	int argc = 0;
	FILE *errors = fmemopen(said, sizeof(said), "w");
	enum option_result result;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word && argc < ARGUMENTS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	result = stress_options_parse(argc, argv, options, errors);
	fputc('\0', errors);
	fclose(errors);
	return result;
}

static void presets_hold_when_nothing_is_given(void)
{
	struct stress_options options;

	CHECK(parse("", &options) == OPTION_PARSED);
	CHECK(options.seconds == 10);
	CHECK(!strcmp(scenarios[options.scenario].name, "everything"));
	CHECK(options.ad == STRESS_ON);
	CHECK(!options.json && !options.keep_going);
}

static void the_seed_decides_what_was_left_open(void)
{
	struct stress_options first, second, given;
	bool differs = false;

	for (uint64_t seed = 1; seed < 20; seed++) {
		parse("--eager-split any", &first);
		parse("--eager-split any", &second);
		parse("--pml off", &given);
		stress_options_draw(&first, seed);
		stress_options_draw(&second, seed + 1);
		stress_options_draw(&given, seed);
		CHECK(first.pml != STRESS_ANY && first.eager_split != STRESS_ANY);
		CHECK(given.pml == STRESS_OFF);
		differs |= first.pml != second.pml;
	}
	CHECK(differs);
}

static void both_spellings_mean_the_same(void)
{
	struct stress_options apart, joined;

	CHECK(parse("--seed 0x10 --vm-type protected --keep-going", &apart) == OPTION_PARSED);
	CHECK(parse("--seed=16 --vm-type=protected --keep-going", &joined) == OPTION_PARSED);
	CHECK(apart.seed == 16 && joined.seed == 16);
	CHECK(apart.vm_type == STRESS_VM_PROTECTED && joined.vm_type == STRESS_VM_PROTECTED);
	CHECK(apart.keep_going && joined.keep_going);
}

static void a_mistake_gets_one_line(const char *line, const char *expected)
{
	struct stress_options options;

	CHECK(parse(line, &options) == OPTION_BAD);
	if (strcmp(said, expected)) {
		fprintf(stderr, "'%s' said\n  %swanted\n  %s", line, said, expected);
		exit(1);
	}
}

static void mistakes_get_one_line_each(void)
{
	a_mistake_gets_one_line("--sed 1",
				"mmutorture stress: no option '--sed'; 'mmutorture stress --help' lists them\n");
	a_mistake_gets_one_line("--seedy 1",
				"mmutorture stress: no option '--seedy'; 'mmutorture stress --help' lists them\n");
	a_mistake_gets_one_line("faults", "mmutorture stress: 'faults' is no option: files come first, then options\n");
	a_mistake_gets_one_line("--fault",
				"mmutorture stress: no option '--fault'; 'mmutorture stress --help' lists them\n");
	a_mistake_gets_one_line("--seed", "mmutorture stress: --seed needs a value: N\n");
	a_mistake_gets_one_line("--threads -1", "mmutorture stress: --threads: '-1' is not a number from 0 to 48\n");
	a_mistake_gets_one_line("--threads 49", "mmutorture stress: --threads: '49' is not a number from 0 to 48\n");
	a_mistake_gets_one_line("--threads 2x", "mmutorture stress: --threads: '2x' is not a number from 0 to 48\n");
	a_mistake_gets_one_line("--threads=", "mmutorture stress: --threads: '' is not a number from 0 to 48\n");
	a_mistake_gets_one_line("--seed 99999999999999999999999",
				"mmutorture stress: --seed: '99999999999999999999999' is not a number from 0 to "
				"18446744073709551615\n");
	a_mistake_gets_one_line("--paging sv48", "mmutorture stress: --paging: 'sv48' is none of ept|npt\n");
	a_mistake_gets_one_line("--paging ept|npt", "mmutorture stress: --paging: 'ept|npt' is none of ept|npt\n");
	a_mistake_gets_one_line("--keep-going=1", "mmutorture stress: '--keep-going=1': this option takes no value\n");
	a_mistake_gets_one_line(
		"--scenario smm --vm-type protected",
		"mmutorture stress: --scenario smm has nothing to do on VMs of --vm-type protected: leave "
		"--vm-type away\n");
}

/* What print_changed writes is what the parser takes: replay lines lead back to the same options. */
static void a_replay_line_parses_to_the_same_options(void)
{
	struct stress_options options, again;
	char line[512] = "";
	FILE *stream = fmemopen(line, sizeof(line), "w");

	CHECK(parse("--scenario private --seed 7 --ad off --json x.json --keep-going", &options) == OPTION_PARSED);
	option_print_changed(&stress_option_table, &options, stream);
	fclose(stream);
	CHECK(!strcmp(line, " --scenario private --seed 7 --ad off --keep-going --json x.json"));
	CHECK(parse(line, &again) == OPTION_PARSED);
	CHECK(again.scenario == options.scenario && again.seed == 7 && again.ad == STRESS_OFF && again.keep_going);
}

static void help_is_no_mistake(void)
{
	struct stress_options options;

	CHECK(parse("--seed 1 --help", &options) == OPTION_HELP);
	CHECK(!strlen(said));
}

static void every_scenario_is_a_choice(void)
{
	for (size_t i = 0; i < nr_scenarios; i++) {
		struct stress_options options;
		char line[64];

		snprintf(line, sizeof(line), "--scenario %s", scenarios[i].name);
		CHECK(parse(line, &options) == OPTION_PARSED);
		CHECK(options.scenario == i);
		CHECK(scenarios[i].reads + scenarios[i].writes + scenarios[i].fetches == 100);
		CHECK(scenarios[i].roles & (1u << ROLE_faulter));
	}
}

int main(void)
{
	presets_hold_when_nothing_is_given();
	the_seed_decides_what_was_left_open();
	both_spellings_mean_the_same();
	mistakes_get_one_line_each();
	a_replay_line_parses_to_the_same_options();
	help_is_no_mistake();
	every_scenario_is_a_choice();
	return 0;
}
