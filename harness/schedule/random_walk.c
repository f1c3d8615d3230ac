// SPDX-License-Identifier: GPL-2.0-only
/* random_walk.c - stays with a CPU, and at one place of so many goes to any other. */
#include "harness/schedule/policy.h"

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	(void)number;
	policy_begin(policy, seed);
	return true;
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	(void)place;
	if (!choice_is_forced(choice) && !draw_one_in(&policy->draw, policy->settings.one_in))
		return choice->running;
	return draw_cpu_of(&policy->draw, choice->enabled & ~(1ull << choice->running));
}

static const struct policy_type type = { .new_run = new_run, .next = next, .draw = policy_random };

struct policy *random_walk_create(const struct policy_settings *settings)
{
	return policy_alloc(sizeof(struct policy), &type, settings);
}
