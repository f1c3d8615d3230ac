// SPDX-License-Identifier: GPL-2.0-only
/*
 * interleave.c - runs under schedules, and their coverage: which place in the code followed which one of another CPU on
 * the same object.
 *
 * Edge coverage says nothing about orders.  Here each point whose object was last touched by another CPU counts for the
 * pair of both places: of a load that is which store it saw.  Two loads in a row say nothing about an order.
 */
#include <stdlib.h>

#include "fuzzers/common/interleave.h"
#include "fuzzers/common/target.h"
#include "harness/schedule/schedule.h"

/* docs/REPLAY.md: the policy that finds most, and the cap that `mmutorture explore` has. */
#define ONE_IN 16
#define SITE_CAP 4
#define POINTS_MAX 20000000
#define OBJECTS 65536 /* later ones share with earlier ones */

/* Who was the last one at an object. */
struct touch {
	uint64_t run; /* another one: nobody */
	uint32_t site;
	uint8_t cpu, kind;
};

static struct schedule_record *record;
static struct touch touches[OBJECTS];
static uint64_t runs;

static bool is_order(const struct touch *before, const struct schedule_point *point)
{
	return before->run == runs && before->cpu != point->cpu &&
	       !(before->kind == HOST_POINT_LOAD && point->kind == HOST_POINT_LOAD);
}

static void count(uint32_t before, uint32_t after)
{
	uint64_t pair = ((uint64_t)before << 32 | after) * 0x9e3779b97f4a7c15ULL;
	uint8_t *counter = &fuzz_target.interleavings[pair >> 48];

	_Static_assert(FUZZ_INTERLEAVINGS == 1 << 16, "the bits of a pair that are used");
	if (*counter != UINT8_MAX)
		++*counter;
}

static void cover(void)
{
	uint64_t points = record->nr_points < SCHEDULE_POINTS_KEPT ? record->nr_points : SCHEDULE_POINTS_KEPT;

	runs++;
	for (uint64_t i = 0; i < points; i++) {
		const struct schedule_point *point = &record->points[i];
		struct touch *touch = &touches[point->object % OBJECTS];

		if (!point->object)
			continue;
		if (is_order(touch, point))
			count(touch->site, point->site);
		*touch = (struct touch){ runs, point->site, point->cpu, point->kind };
	}
}

void interleave_run(struct fresh *fresh, const struct program *program, const struct run_options *options)
{
	const struct schedule_options schedule_options = { .points_max = POINTS_MAX, .program = program };
	struct schedule schedule;
	struct policy *policy;
	struct run *run;

	if (!record)
		record = calloc(1, sizeof(*record));
	HOST_ASSERT(record);
	record->nr_decisions = record->nr_points = 0;
	if (fresh_begin(fresh, program, options, FRESH_AS_PROGRAM, true, &run))
		return;
	run_streams_make(run);
	policy = policy_create_steered(program, ONE_IN, SITE_CAP);
	schedule_init(&schedule, policy, &schedule_options, record);
	schedule_plan(&schedule, 0, 0);
	schedule_begin(&schedule);
	run_streams(run);
	schedule_end(&schedule);
	cover();
	run_end(run, NULL);
	schedule_free(&schedule);
	policy_destroy(policy);
}

bool interleave_news(void)
{
	static uint8_t seen[FUZZ_INTERLEAVINGS];
	bool news = false;

	for (unsigned int i = 0; i < FUZZ_INTERLEAVINGS; i++) {
		if (fuzz_target.interleavings[i] && !seen[i])
			news = seen[i] = true;
		fuzz_target.interleavings[i] = 0;
	}
	return news;
}

void interleave_keep(struct program *program)
{
	/* The bytes it had still belong to the program that is running. */
	program->schedule = NULL;
	program->schedule_bytes = 0;
	if (record && !schedule_keep(record, program))
		fprintf(stderr, "the schedule is too long: its end is missing\n");
}
