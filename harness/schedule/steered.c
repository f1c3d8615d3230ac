// SPDX-License-Identifier: GPL-2.0-only
/*
 * steered.c - a program's schedule, and where it says nothing preemptions that follow from its seed and the place.
 *
 * From the place, not from how many choices there were before: one decision more or less leaves the others alone, so
 * that schedules that are much alike make runs that are.
 */
#include "harness/schedule/policy.h"
#include "harness/schedule/sites.h"

#define STEERED_SPREAD 0x9e3779b97f4a7c15ULL /* neighbouring places far from each other */

struct steered {
	struct policy base;
	struct policy *said;
	struct sites sites;
	unsigned int site_cap;
	uint64_t switched_at; /* step */
};

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct steered *steered = (struct steered *)policy;

	steered->said->names = policy->names;
	steered->said->type->new_run(steered->said, number, seed);
	policy_begin(policy, steered->said->seed);
	sites_begin(&steered->sites);
	steered->switched_at = 0;
	return true;
}

static unsigned int chance(struct steered *steered, const struct host_choice *choice, const struct choice_place *place)
{
	struct draw draw = { steered->base.seed ^ (place->step << 16 | place->nth << 8 | place->cpu) * STEERED_SPREAD };
	bool forced = choice_is_forced(choice);
	bool worth = forced || sites_seen(&steered->sites, choice) < steered->site_cap;

	if (worth ? !draw_one_in(&draw, steered->base.settings.one_in)
		  : choice->step - steered->switched_at < STRETCH_STEPS)
		return choice_usual(choice);
	return draw_cpu_of(&draw, choice->enabled & ~(1ull << choice->running));
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct steered *steered = (struct steered *)policy;
	unsigned int drawn = chance(steered, choice, place);
	unsigned int to = policy_replay_says(steered->said, choice, place);

	if (to == HOST_CPUS_MAX)
		to = drawn;
	if (to != choice->running)
		steered->switched_at = choice->step;
	return to;
}

static void destroy(struct policy *policy)
{
	struct steered *steered = (struct steered *)policy;

	policy_destroy(steered->said);
	sites_free(&steered->sites);
}

static const struct policy_type type = {
	.new_run = new_run,
	.next = next,
	.draw = policy_random,
	.destroy = destroy,
};

struct policy *policy_create_steered(const struct program *program, uint64_t one_in, unsigned int site_cap)
{
	const struct policy_settings settings = { .one_in = one_in };
	struct policy *policy = policy_alloc(sizeof(struct steered), &type, &settings);
	struct steered *steered = (struct steered *)policy;

	steered->said = policy_create_replay(program);
	steered->site_cap = site_cap;
	return policy;
}
