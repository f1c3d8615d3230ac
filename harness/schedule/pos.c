// SPDX-License-Identifier: GPL-2.0-only
/*
 * pos.c - partial order sampling (Yuan, Yang, Gu, CAV 2018).
 *
 * What each CPU does next has a random priority, and the highest happens.  Then what would have raced with it - the
 * same object, and one of both changes it - gets a new one, so that either order is as likely, whatever was drawn
 * first.
 */
#include "harness/schedule/policy.h"

struct pending {
	uint32_t object; /* 0: nothing that races */
	bool changes;
	uint64_t priority;
};

struct pos {
	struct policy base;
	uint64_t known; /* CPUs of which we know what they do next */
	struct pending pending[HOST_CPUS_MAX];
};

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	(void)number;
	policy_begin(policy, seed);
	((struct pos *)policy)->known = 0;
	return true;
}

/* The running CPU has done what it was chosen for. */
static void redraw_races(struct pos *pos, unsigned int running)
{
	const struct pending *done = &pos->pending[running];

	if (!(pos->known >> running & 1) || !done->object)
		return;
	for (uint64_t left = pos->known & ~(1ull << running); left; left &= left - 1) {
		struct pending *other = &pos->pending[__builtin_ctzll(left)];

		if (other->object == done->object && (other->changes || done->changes))
			other->priority = draw_bits(&pos->base.draw);
	}
}

static struct pending what_comes(struct pos *pos, const struct host_choice *choice)
{
	return (struct pending){
		.object = choice->object,
		.changes = choice->kind != HOST_POINT_LOAD && choice->kind != HOST_POINT_WALK,
		.priority = draw_bits(&pos->base.draw),
	};
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct pos *pos = (struct pos *)policy;
	unsigned int best = HOST_CPUS_MAX;

	(void)place;
	redraw_races(pos, choice->running);
	pos->pending[choice->running] = what_comes(pos, choice);
	pos->known |= 1ull << choice->running;
	for (uint64_t left = choice->enabled; left; left &= left - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(left);

		if (!(pos->known >> cpu & 1)) { /* has not begun */
			pos->pending[cpu] = (struct pending){ .priority = draw_bits(&policy->draw) };
			pos->known |= 1ull << cpu;
		}
		if (best == HOST_CPUS_MAX || pos->pending[cpu].priority > pos->pending[best].priority)
			best = cpu;
	}
	return best;
}

static const struct policy_type type = { .new_run = new_run, .next = next, .draw = policy_random };

struct policy *pos_create(const struct policy_settings *settings)
{
	return policy_alloc(sizeof(struct pos), &type, settings);
}
