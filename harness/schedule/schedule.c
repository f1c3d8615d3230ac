// SPDX-License-Identifier: GPL-2.0-only
/* schedule.c - between a policy and the scheduler: which places are worth a choice, and what is written down. */
#include "harness/schedule/schedule.h"

#include <string.h>

/*
 * What the CPU called @cpu has passed, also under other numbers and in other threads that had the number before: the
 * host counts for each thread.
 */
static uint64_t step_of(struct schedule *schedule, unsigned int cpu, uint64_t own_step)
{
	struct schedule_steps *steps = &schedule->steps[cpu];

	if (own_step < steps->last)
		steps->before += steps->last + 1;
	steps->last = own_step;
	return steps->before + own_step;
}

static uint32_t times_at_this_step(struct schedule_steps *steps, const struct host_choice *choice, uint64_t step)
{
	if (!choice_is_forced(choice))
		return 0;
	if (steps->waits_at != step) {
		steps->waits_at = step;
		steps->waits = 0;
	}
	return steps->waits++;
}

static void keep_decision(struct schedule *schedule, const struct host_choice *choice, const struct choice_place *place,
			  unsigned int next)
{
	struct schedule_record *record = schedule->record;
	uint64_t at = record->nr_decisions++;

	if (at >= SCHEDULE_DECISIONS_MAX)
		return;
	record->decisions[at] = (struct decision){
		.step = place->step,
		.nth = place->nth,
		.from = (uint8_t)place->cpu,
		.to = (uint8_t)cpu_of_host(&schedule->names, next),
		.forced = choice_is_forced(choice),
	};
}

static bool is_candidate(struct schedule *schedule, const struct host_choice *choice)
{
	return !schedule->site_cap || choice_is_forced(choice) ||
	       sites_seen(&schedule->sites, choice) < schedule->site_cap;
}

static bool is_one(uint64_t enabled)
{
	return !(enabled & (enabled - 1));
}

static unsigned int pick(void *context, const struct host_choice *choice)
{
	struct schedule *schedule = context;
	struct policy *policy = schedule->policy;
	bool candidate = is_candidate(schedule, choice) || schedule->holds.held >> choice->running & 1;
	struct choice_place place;
	struct host_choice here = *choice;
	unsigned int next;

	if (!candidate && choice->step - schedule->switched_at < STRETCH_STEPS)
		return choice->running;
	if (!candidate)
		here.enabled &= ~(1ull << choice->running);
	here.enabled = holds_leave(&schedule->holds, here.enabled);
	place.cpu = cpu_of_running(&schedule->names, choice);
	place.step = step_of(schedule, place.cpu, choice->own_step);
	place.nth = times_at_this_step(&schedule->steps[place.cpu], choice, place.step);
	next = is_one(here.enabled) ? choice_usual(&here) : policy->type->next(policy, &here, &place);
	if (next != choice_usual(choice))
		keep_decision(schedule, choice, &place, next);
	if (next != choice->running)
		schedule->switched_at = choice->step;
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
	unsigned int cpu = cpu_of_running(&schedule->names, point);
	uint64_t at = record->nr_points++;

	step_of(schedule, cpu, point->own_step);
	if (schedule->windows)
		windows_see(schedule->windows, cpu, point);
	if (point->lock)
		record->lock_names[point->object % SCHEDULE_LOCK_NAMES] =
			(struct schedule_lock_name){ point->object, point->lock };
	if (schedule->holds.count)
		holds_see(&schedule->holds, cpu, point);
	if (at < SCHEDULE_POINTS_KEPT)
		record->points[at] = (struct schedule_point){
			.object = point->object,
			.site = (uint32_t)(uintptr_t)point->site,
			.cpu = (uint8_t)cpu,
			.kind = (uint8_t)point->kind,
		};
	if (schedule->watch && at == schedule->watch_at)
		schedule->watch(schedule);
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
		.windows = options->windows,
	};
	policy->names = &schedule->names;
	if (options->program)
		holds_read(&schedule->holds, options->program);
}

void schedule_free(struct schedule *schedule)
{
	sites_free(&schedule->sites);
}

bool schedule_plan(struct schedule *schedule, uint64_t number, uint64_t seed)
{
	return schedule->policy->type->new_run(schedule->policy, number, seed);
}

void schedule_begin(struct schedule *schedule)
{
	schedule->record->seed = schedule->policy->seed;
	schedule->record->nr_decisions = schedule->record->nr_points = 0;
	memset(schedule->record->lock_names, 0, sizeof(schedule->record->lock_names));
	schedule->switched_at = 0;
	sites_begin(&schedule->sites);
	cpu_names_begin(&schedule->names);
	memset(schedule->steps, 0, sizeof(schedule->steps));
	if (schedule->windows)
		windows_begin(schedule->windows);
	holds_begin(&schedule->holds);
	host_schedule_begin(&schedule->host);
}

struct host_trace schedule_end(struct schedule *schedule)
{
	struct host_trace trace = host_schedule_trace();

	(void)schedule;
	host_schedule_begin(NULL);
	return trace;
}

const char *schedule_lock_name(const struct schedule_record *record, uint32_t object)
{
	const struct schedule_lock_name *known = &record->lock_names[object % SCHEDULE_LOCK_NAMES];

	return known->object == object ? known->name : NULL;
}

bool schedule_keep(const struct schedule_record *record, struct program *program)
{
	bool all = record->nr_decisions <= SCHEDULE_DECISIONS_MAX;

	return program_set_schedule(program, record->seed, record->decisions,
				    all ? record->nr_decisions : SCHEDULE_DECISIONS_MAX) &&
	       all;
}
