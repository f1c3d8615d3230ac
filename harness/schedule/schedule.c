// SPDX-License-Identifier: GPL-2.0-only
/* schedule.c - between a policy and the scheduler: which places are worth a choice, and what is written down. */
#include "harness/schedule/schedule.h"

#include <string.h>

static uint32_t times_at_this_step(struct schedule *schedule, const struct host_choice *choice)
{
	unsigned int cpu = choice->running;

	if (!choice_is_forced(choice))
		return 0;
	if (schedule->waits[cpu].step != choice->own_step) {
		schedule->waits[cpu].step = choice->own_step;
		schedule->waits[cpu].times = 0;
	}
	return schedule->waits[cpu].times++;
}

static void keep_decision(struct schedule *schedule, const struct host_choice *choice, uint32_t nth, unsigned int next)
{
	struct schedule_record *record = schedule->record;
	uint64_t at = record->nr_decisions++;

	if (at >= SCHEDULE_DECISIONS_MAX)
		return;
	record->decisions[at] = (struct decision){
		.step = choice->own_step,
		.nth = nth,
		.from = (uint8_t)cpu_of_host(&schedule->names, choice->running),
		.to = (uint8_t)cpu_of_host(&schedule->names, next),
		.forced = choice_is_forced(choice),
	};
}

static unsigned int pick(void *context, const struct host_choice *choice)
{
	struct schedule *schedule = context;
	struct policy *policy = schedule->policy;
	uint32_t nth = times_at_this_step(schedule, choice);
	unsigned int next;

	if (schedule->site_cap && !choice_is_forced(choice) &&
	    sites_seen(&schedule->sites, choice) >= schedule->site_cap)
		return choice->running;
	next = policy->type->next(policy, choice, nth);
	if (next != choice_usual(choice))
		keep_decision(schedule, choice, nth, next);
	return next;
}

static uint64_t draw(void *context)
{
	struct schedule *schedule = context;

	return schedule->policy->type->draw(schedule->policy, cpu_of_host(&schedule->names, host_cpu_self()));
}

static void passed(void *context, const struct host_choice *point)
{
	struct schedule *schedule = context;
	struct schedule_record *record = schedule->record;
	uint64_t at = record->nr_points++;

	if (at < SCHEDULE_POINTS_KEPT)
		record->points[at] = (struct schedule_point){
			.object = point->object,
			.site = (uint32_t)(uintptr_t)point->site,
			.cpu = (uint8_t)cpu_of_host(&schedule->names, point->running),
			.kind = (uint8_t)point->kind,
		};
}

void schedule_init(struct schedule *schedule, struct policy *policy, const struct schedule_options *options,
		   struct schedule_record *record)
{
	*schedule = (struct schedule){
		.host = {
			.pick = pick,
			.draw = draw,
			.passed = passed,
			.points_max = options->points_max,
			.context = schedule,
		},
		.policy = policy,
		.record = record,
		.site_cap = options->site_cap,
	};
}

void schedule_free(struct schedule *schedule)
{
	sites_free(&schedule->sites);
}

bool schedule_begin(struct schedule *schedule, uint64_t number, uint64_t seed)
{
	if (!schedule->policy->type->new_run(schedule->policy, number, seed))
		return false;
	schedule->record->seed = schedule->policy->seed;
	schedule->record->nr_decisions = schedule->record->nr_points = 0;
	sites_begin(&schedule->sites);
	cpu_names_begin(&schedule->names);
	memset(schedule->waits, 0, sizeof(schedule->waits));
	host_schedule_begin(&schedule->host);
	return true;
}

struct host_trace schedule_end(struct schedule *schedule)
{
	struct host_trace trace = host_schedule_trace();

	(void)schedule;
	host_schedule_begin(NULL);
	return trace;
}

bool schedule_keep(const struct schedule_record *record, struct program *program)
{
	bool all = record->nr_decisions <= SCHEDULE_DECISIONS_MAX;

	return program_set_schedule(program, record->seed, record->decisions,
				    all ? record->nr_decisions : SCHEDULE_DECISIONS_MAX) &&
	       all;
}
