// SPDX-License-Identifier: GPL-2.0-only
/*
 * concurrency.c - how many schedules each policy needs to find the bug of each of the small programs on which other
 * tools were measured, beside what was published of these.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/schedule/schedule.h"
#include "pool.h"
#include "shared.h"
#include "stress/option_parser.h"

#define SEEDS_MAX 100
#define POINTS_MAX 20000 /* of a run; the longest that comes to its end has a tenth */
#define BOUND_MAX 6

struct options {
	uint64_t schedules, seeds, policy; /* policy: 0 all, else the number of a column, from 1 */
	const char *program;
};

#define ROW(title, function, type, nr_threads, is_correct, is_enough, ...) \
	{ .name = #title,                                                  \
	  .main = function,                                                \
	  .shared_bytes = sizeof(type),                                    \
	  .threads = nr_threads,                                           \
	  .correct = is_correct,                                           \
	  .enough = is_enough,                                             \
	  .published = { __VA_ARGS__ } },
#define BUGGY(name, function, type, threads, enough, pct, pos, rff) \
	ROW(name, function, type, threads, false, enough, pct, pos, rff)
#define CORRECT(name, function, type, threads) ROW(name, function, type, threads, true, 0, NULL, NULL, NULL)
static const struct concurrent_program programs[] = {
#include "programs.def"
};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

struct column {
	const char *title;
	enum policy_kind kind;
	struct policy_settings settings;
	unsigned int site_cap;
};

static const struct column columns[] = {
	{ "portfolio", POLICY_PORTFOLIO, { 0 }, 4 },
	{ "random 1/2", POLICY_RANDOM, { .one_in = 2 }, 0 },
	{ "random 1/16", POLICY_RANDOM, { .one_in = 16 }, 4 },
	{ "random 1/64", POLICY_RANDOM, { .one_in = 64 }, 4 },
	{ "PCT d3", POLICY_PCT, { .depth = 3 }, 4 },
	{ "POS", POLICY_POS, { 0 }, 4 },
	{ "URW", POLICY_URW, { 0 }, 4 },
	{ "exhaustive", POLICY_EXHAUSTIVE, { 0 }, 0 },
};
#define POLICIES "all|portfolio|random-2|random-16|random-64|pct|pos|urw|exhaustive" /* all, then as above */
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct found {
	uint64_t schedules[SEEDS_MAX]; /* up to the first bug, for each hit */
	unsigned int seeds, hits;
	unsigned int bound; /* EXHAUSTIVE: preemptions */
};

static struct schedule_record record;
static uint64_t runs, cuts;
static unsigned int failures;

/* ------------------------------------------------------------------------------------------------------------- runs */

/* Nobody can go on: that is what the deadlocks are about. */
static void stuck(void *unused)
{
	(void)unused;
	bug();
}

/* What else is reported (locks in another order) is not counted: the published tools look for failures only. */
static void on_report(const struct host_report *report)
{
	if (report->class == HOST_REPORT_STALL && host_schedule_trace().points > POINTS_MAX)
		pool_give_up(VERDICT_CUT);
}

static enum verdict run_planned(struct schedule *schedule, struct host_trace *trace)
{
	enum verdict verdict;

	schedule_begin(schedule);
	verdict = pool_run();
	*trace = host_schedule_trace();
	pool_fresh(); /* that is also the end of the schedule */
	runs++;
	cuts += verdict == VERDICT_CUT;
	return verdict;
}

static void prepare(struct schedule *schedule, struct policy *policy, unsigned int site_cap)
{
	const struct schedule_options options = { .site_cap = site_cap, .points_max = POINTS_MAX };

	schedule_init(schedule, policy, &options, &record);
	schedule->host.stuck = stuck;
}

/* What has been found, once more from the decisions that were written down. */
static void replay(const struct concurrent_program *tested, const struct host_trace *first)
{
	struct schedule schedule;
	struct policy *policy;
	struct program program;
	struct host_trace again;
	bool same;

	if (tested->threads > PROGRAM_THREADS_MAX)
		return; /* decisions name no more threads than that */
	program_init(&program);
	HOST_ASSERT(schedule_keep(&record, &program));
	policy = policy_create_replay(&program);
	prepare(&schedule, policy, 0);
	schedule_plan(&schedule, 0, 0);
	same = run_planned(&schedule, &again) == VERDICT_BUG && again.hash == first->hash;
	if (!same) {
		printf("%s: the bug does not come again with the same schedule\n", tested->name);
		failures++;
	}
	schedule_free(&schedule);
	policy_destroy(policy);
	program_free(&program);
}

/* -------------------------------------------------------------------------------------------------------- schedules */

static uint64_t seed_of_run(uint64_t seed, uint64_t number)
{
	struct draw draw = { seed ^ number << 32 };

	return draw_bits(&draw);
}

struct outcome {
	uint64_t schedules; /* the last of which has shown the bug, if one has */
	bool found, exhausted;
};

static struct outcome search(const struct concurrent_program *tested, const struct column *column,
			     const struct policy_settings *settings, uint64_t seed, uint64_t most)
{
	struct policy *policy = policy_create(column->kind, settings);
	struct outcome outcome = { 0 };
	struct host_trace trace;
	struct schedule schedule;

	prepare(&schedule, policy, column->site_cap);
	while (outcome.schedules < most && !outcome.found) {
		outcome.exhausted = !schedule_plan(&schedule, outcome.schedules, seed_of_run(seed, outcome.schedules));
		if (outcome.exhausted)
			break;
		outcome.schedules++;
		outcome.found = run_planned(&schedule, &trace) == VERDICT_BUG;
	}
	schedule_free(&schedule);
	policy_destroy(policy);
	if (outcome.found)
		replay(tested, &trace);
	return outcome;
}

/* First all without a preemption, then all with at most one, and so on; each bound tries those below it again. */
static struct found search_all(const struct concurrent_program *tested, const struct column *column, uint64_t most)
{
	struct found found = { .seeds = 1 };
	uint64_t schedules = 0;

	for (; found.bound <= BOUND_MAX; found.bound++) {
		const struct policy_settings settings = { .preemptions = found.bound };
		struct outcome outcome = search(tested, column, &settings, 0, most - schedules);

		schedules += outcome.schedules;
		if (outcome.found)
			found.schedules[found.hits++] = schedules;
		if (outcome.found || !outcome.exhausted)
			break;
	}
	return found;
}

static struct found search_seeds(const struct concurrent_program *tested, const struct column *column,
				 unsigned int seeds, uint64_t most)
{
	struct found found = { .seeds = seeds };

	for (unsigned int seed = 0; seed < seeds; seed++) {
		struct outcome outcome = search(tested, column, &column->settings, seed, most);

		if (outcome.found)
			found.schedules[found.hits++] = outcome.schedules;
	}
	return found;
}

/* -------------------------------------------------------------------------------------------------------- the table */

static int by_number(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* The median of all seeds: those that found nothing needed more than the others. */
static void print_found(struct found *found, bool bounded, uint64_t most)
{
	qsort(found->schedules, found->hits, sizeof(found->schedules[0]), by_number);
	if (found->seeds / 2 < found->hits)
		printf("| %" PRIu64 " ", found->schedules[found->seeds / 2]);
	else
		printf("| > %" PRIu64 " ", most);
	if (!bounded)
		printf("(%u) ", found->hits);
	else if (found->hits)
		printf("at %u ", found->bound);
	fflush(stdout);
}

static void print_published(const struct published *published)
{
	const char *const figures[] = { published->pct, published->pos, published->rff };

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		printf("| %s ", figures[i] ? figures[i] : "");
	puts("|");
}

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void test(const struct concurrent_program *tested, const struct options *options)
{
	unsigned int hits = 0;

	printf("| %s ", tested->name);
	pool_begin(tested);
	for (size_t i = 0; i < COLUMNS; i++) {
		bool bounded = columns[i].kind == POLICY_EXHAUSTIVE;
		struct found found;

		if (options->policy && options->policy != i + 1)
			continue;
		found = bounded ? search_all(tested, &columns[i], options->schedules)
				: search_seeds(tested, &columns[i], (unsigned int)options->seeds, options->schedules);
		hits += found.hits;
		print_found(&found, bounded, options->schedules);
	}
	pool_end();
	print_published(&tested->published);
	if (tested->correct && hits) {
		printf("%s: a bug in a program that has none\n", tested->name);
		failures++;
	} else if (!tested->correct && !hits && options->schedules >= tested->enough) {
		printf("%s: the bug has not been found\n", tested->name);
		failures++;
	}
}

static void test_all(const struct options *options)
{
	double begin = seconds();

	printf("| program ");
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!options->policy || options->policy == i + 1)
			printf("| %s ", columns[i].title);
	}
	puts("| published: PCT d3 | POS | RFF |");
	for (size_t i = 0; i < PROGRAMS; i++) {
		if (!options->program || !strcmp(options->program, programs[i].name))
			test(&programs[i], options);
	}
	printf("%" PRIu64 " schedules, %.0f in a second of processor time", runs, (double)runs / (seconds() - begin));
	printf("; %" PRIu64 " ended after %d points\n", cuts, POINTS_MAX);
}

#define FIELD(field) offsetof(struct options, field)

static const struct option_row rows[] = {
	{ "schedules", OPTION_NUMBER, "N", 1000, 1, UINT64_MAX, FIELD(schedules), "at most, for each seed" },
	{ "seeds", OPTION_NUMBER, "N", 20, 1, SEEDS_MAX, FIELD(seeds), "where all are tried in order there is one" },
	{ "program", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(program), "this one only" },
	{ "policy", OPTION_CHOICE, POLICIES, 0, 0, 0, FIELD(policy), "this one only" },
};

static const struct option_table table = {
	.command = "bench_concurrency",
	.summary =
		"schedules to the first bug in small concurrent programs.\n\n"
		"Exit code: 1 a bug has been found by no policy though there were enough schedules, a program without\n"
		"one has shown one, or what was found did not happen again when its schedule was replayed; 2 usage",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

int main(int argc, char *argv[])
{
	struct options options;

	switch (option_parse(&table, argc - 1, argv + 1, &options, stderr)) {
	case OPTION_PARSED:
		break;
	case OPTION_HELP:
		option_print_help(&table, stdout);
		return 0;
	case OPTION_BAD:
		return 2;
	}
	HOST_ASSERT(!host_init(&(struct host_config){ .seed = 1 }));
	host_set_reporter(on_report);
	test_all(&options);
	if (!runs) {
		fprintf(stderr, "%s: no program is called '%s'\n", table.command, options.program);
		return 2;
	}
	return failures ? 1 : 0;
}
