// SPDX-License-Identifier: GPL-2.0-only
/* holds.c - see holds.h. */
#include "harness/schedule/holds.h"

#include "harness/schedule/events.h"

void holds_read(struct holds *holds, const struct program *program)
{
	struct decision_reader reader;
	struct decision decision;

	*holds = (struct holds){ 0 };
	decisions_begin(&reader, program);
	while (holds->count < HOLDS_MAX && decisions_next(&reader, &decision)) {
		if (decision.hold)
			holds->hold[holds->count++].decision = decision;
	}
}

void holds_begin(struct holds *holds)
{
	for (unsigned int i = 0; i < holds->count; i++)
		holds->hold[i] = (struct hold){ .decision = holds->hold[i].decision };
	holds->held = 0;
}

static void find_held(struct holds *holds)
{
	holds->held = 0;
	for (unsigned int i = 0; i < holds->count; i++) {
		if (holds->hold[i].state == HOLD_HOLDS)
			holds->held |= 1ull << holds->hold[i].host_cpu;
	}
}

/* The held CPU goes on all the same where nobody else can, and may come to its event again. */
static void see_own(struct hold *hold, const struct host_choice *point, uint64_t seen)
{
	hold->state = HOLD_AWAITS;
	if (!(seen >> hold->decision.at & 1) || hold->times++ < hold->decision.nth)
		return;
	hold->state = HOLD_HOLDS;
	hold->host_cpu = point->running;
	hold->since = point->step;
}

/* The one that it waits for: what a point stands for has happened when the next one is reached. */
static void see_other(struct hold *hold, uint64_t seen)
{
	if (hold->reached)
		hold->state = HOLD_OVER;
	else if (seen >> hold->decision.past & 1)
		hold->reached = true;
}

void holds_see(struct holds *holds, unsigned int cpu, const struct host_choice *point)
{
	uint64_t seen = events_of(point);

	for (unsigned int i = 0; i < holds->count; i++) {
		struct hold *hold = &holds->hold[i];

		if (hold->state == HOLD_OVER)
			continue;
		if (hold->decision.from == cpu)
			see_own(hold, point, seen);
		else if (hold->decision.to == cpu)
			see_other(hold, seen);
	}
	find_held(holds);
}

static struct hold *latest(struct holds *holds)
{
	struct hold *latest = NULL;

	for (unsigned int i = 0; i < holds->count; i++) {
		struct hold *hold = &holds->hold[i];

		if (hold->state == HOLD_HOLDS && (!latest || hold->since >= latest->since))
			latest = hold;
	}
	HOST_ASSERT(latest);
	return latest;
}

uint64_t holds_leave(struct holds *holds, uint64_t enabled)
{
	if (enabled & ~holds->held)
		return enabled & ~holds->held;
	latest(holds)->state = HOLD_AWAITS;
	find_held(holds);
	return holds_leave(holds, enabled);
}
