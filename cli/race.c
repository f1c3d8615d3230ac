// SPDX-License-Identifier: GPL-2.0-only
/*
 * race.c - finds the swap.
 *
 * A decision that cannot be spared stops a CPU before one of its operations and lets another CPU run.  Stopped later
 * and later, there comes a place from which the finding is not shown any more: the operation in between is the one that
 * must not come first.  Then the other CPU is stopped again, and that operation let through, earlier and earlier: where
 * the finding goes, the operation that must come first has been found, too.  Both by bisection, which ends between two
 * neighbours whether or not there are other such places.
 */
#include "cli/race.h"

#include <stdlib.h>
#include <string.h>

#include "stress/machine.h"

#define DELAY_MAX (1u << 20)
#define NOT_BACK UINT64_MAX

struct search {
	struct lab *lab;
	const char *finding;
	const struct program *program;
	uint64_t seed;
	struct decision *decisions;
	size_t count;
	size_t at; /* the decision that is moved */
	uint64_t trials;
};

/* ------------------------------------------------------------------------------------------------------- candidates */

/*
 * The decision @delay points later; unless NOT_BACK, the other CPU is stopped at its step @back, for one operation of
 * the first.
 */
static void candidate(const struct search *search, uint64_t delay, uint64_t back, struct program *program)
{
	struct decision *decisions = malloc((search->count + 2) * sizeof(*decisions)), *moved;
	size_t count = search->count;

	HOST_ASSERT(decisions);
	memcpy(decisions, search->decisions, count * sizeof(*decisions));
	moved = &decisions[search->at];
	moved->step += delay;
	if (back != NOT_BACK) {
		decisions[count++] = (struct decision){ .from = moved->to, .to = moved->from, .step = back };
		decisions[count++] = (struct decision){
			.from = moved->from,
			.to = moved->to,
			.step = moved->step + 1,
		};
	}
	program_copy(program, search->program);
	program_set_schedule(program, search->seed, decisions, count);
	free(decisions);
}

static bool shows(struct search *search, uint64_t delay, uint64_t back)
{
	struct program program;
	bool same;

	candidate(search, delay, back, &program);
	lab_replay(search->lab, &program, true);
	same = !strcmp(search->lab->again->outcome.finding, search->finding);
	program_free(&program);
	search->trials++;
	return same;
}

/* The index of a CPU's point in the record; nr_points: there is none. */
static uint64_t index_of(const struct schedule_record *record, unsigned int cpu, uint64_t step)
{
	uint64_t passed = 0, at;

	for (at = 0; at < record->nr_points && at < SCHEDULE_POINTS_KEPT; at++) {
		if (record->points[at].cpu == cpu && passed++ == step)
			return at;
	}
	return record->nr_points;
}

/* -------------------------------------------------------------------------------------------------------- bisection */

/* The largest known delay with which it is still shown, and with one more not.  False: it is shown however late. */
static bool find_delay(struct search *search, uint64_t *delay)
{
	uint64_t with = 0, without = 1;

	while (shows(search, without, NOT_BACK)) {
		with = without;
		without *= 2;
		if (without > DELAY_MAX)
			return false;
	}
	while (without - with > 1) {
		uint64_t middle = with + (without - with) / 2;

		if (shows(search, middle, NOT_BACK))
			with = middle;
		else
			without = middle;
	}
	*delay = with;
	return true;
}

/* The other CPU's own steps while it runs in place of the first one: [*begin, *end). */
static void block_of(const struct schedule_record *record, const struct decision *moved, uint64_t *begin, uint64_t *end)
{
	uint64_t at = index_of(record, moved->from, moved->step), before = 0;

	for (uint64_t i = 0; i <= at && i < record->nr_points; i++)
		before += record->points[i].cpu == moved->to;
	*begin = *end = before;
	for (uint64_t i = at + 1; i < record->nr_points && i < SCHEDULE_POINTS_KEPT; i++) {
		if (record->points[i].cpu == moved->from)
			break;
		*end += record->points[i].cpu == moved->to;
	}
}

/* Steps @begin - 1 (not shown: the first one's operation comes before all of the block) to @end (shown: behind it). */
static uint64_t find_back(struct search *search, uint64_t delay, uint64_t begin, uint64_t end)
{
	uint64_t without = begin, with = end + 1; /* one more than the step, so that all are positive */

	while (with - without > 1) {
		uint64_t middle = without + (with - without) / 2;

		if (shows(search, delay, middle - 1))
			with = middle;
		else
			without = middle;
	}
	return with - 1;
}

/* ----------------------------------------------------------------------------------------------------------- stacks */

static struct watched {
	unsigned int cpu[2];
	struct race_stack stack[2];
} *watched; /* shared with the process that runs */

static void take_stacks(struct schedule *schedule)
{
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int host_cpu = HOST_CPUS_MAX;

		for (unsigned int n = 0; n < HOST_CPUS_MAX && host_cpu == HOST_CPUS_MAX; n++) {
			if (host_cpu_is_online(n) && cpu_of_host(&schedule->names, n) == watched->cpu[i])
				host_cpu = n;
		}
		if (host_cpu < HOST_CPUS_MAX)
			watched->stack[i].count = host_schedule_stack(host_cpu, watched->stack[i].address, RACE_FRAMES);
	}
}

/* Both stand at their points of the pair when the later of them has been reached. */
static void look_at_stacks(struct search *search, struct race *race)
{
	uint64_t later = race->first.index > race->second.index ? race->first.index : race->second.index;

	if (!watched)
		watched = lab_shared(sizeof(*watched));
	watched->cpu[0] = race->first.cpu;
	watched->cpu[1] = race->second.cpu;
	lab_replay_watched(search->lab, &race->shows, later, take_stacks);
	race->first.stack = watched->stack[0];
	race->second.stack = watched->stack[1];
}

/* ----------------------------------------------------------------------------------------------------------- result */

static void finish(struct search *search, uint64_t delay, struct race *race)
{
	const struct schedule_record *record = &search->lab->again->record;
	struct decision moved = search->decisions[search->at];
	uint64_t begin, end, back;

	moved.step += delay;
	shows(search, delay, NOT_BACK);
	block_of(record, &moved, &begin, &end);
	back = find_back(search, delay, begin, end);
	candidate(search, delay, back == end ? NOT_BACK : back, &race->shows);
	if (back == begin)
		candidate(search, delay + 1, NOT_BACK, &race->passes);
	else
		candidate(search, delay, back - 1, &race->passes);
	lab_replay(search->lab, &race->shows, true);
	race->first.cpu = moved.to;
	race->first.step = back ? back - 1 : 0;
	race->second.cpu = moved.from;
	race->second.step = moved.step;
	race->first.index = index_of(record, race->first.cpu, race->first.step);
	race->second.index = index_of(record, race->second.cpu, race->second.step);
	look_at_stacks(search, race);
	race->trials = search->trials;
}

bool race_find(struct lab *lab, const char *finding, const struct program *program, struct race *race)
{
	struct search search = { .lab = lab, .finding = finding, .program = program };
	struct decision_reader reader;
	bool found = false;
	uint64_t delay;

	search.seed = decisions_begin(&reader, program);
	search.decisions = malloc((program->schedule_bytes / DECISION_BYTES_MIN + 1) * sizeof(*search.decisions));
	HOST_ASSERT(search.decisions);
	while (decisions_next(&reader, &search.decisions[search.count]))
		search.count++;
	*race = (struct race){ 0 };
	for (search.at = search.count; search.at-- && !found;) {
		if (search.decisions[search.at].forced || search.decisions[search.at].hold)
			continue;
		found = find_delay(&search, &delay);
		if (found)
			finish(&search, delay, race);
	}
	free(search.decisions);
	return found;
}

void race_free(struct race *race)
{
	program_free(&race->shows);
	program_free(&race->passes);
}
