// SPDX-License-Identifier: GPL-2.0-only
/* policy.c - what policies have in common. */
#include "harness/schedule/policy.h"

#include <stdlib.h>

struct policy *policy_alloc(size_t bytes, const struct policy_type *type, const struct policy_settings *settings)
{
	struct policy *policy = calloc(1, bytes);

	HOST_ASSERT(policy);
	policy->type = type;
	if (settings)
		policy->settings = *settings;
	return policy;
}

struct policy *policy_create(enum policy_kind kind, const struct policy_settings *settings)
{
	static struct policy *(*const create[POLICY_KINDS])(const struct policy_settings *settings) = {
		[POLICY_PORTFOLIO] = portfolio_create,
		[POLICY_RANDOM] = random_walk_create,
		[POLICY_PCT] = pct_create,
		[POLICY_POS] = pos_create,
		[POLICY_URW] = urw_create,
		[POLICY_EXHAUSTIVE] = exhaustive_create,
	};

	HOST_ASSERT(kind < POLICY_REPLAY);
	return create[kind](settings);
}

void policy_destroy(struct policy *policy)
{
	if (policy && policy->type->destroy)
		policy->type->destroy(policy);
	free(policy);
}

void policy_begin(struct policy *policy, uint64_t seed)
{
	policy->seed = seed;
	policy->draw = (struct draw){ ~seed };
	for (unsigned int cpu = 0; cpu < DECISION_CPUS; cpu++) {
		struct draw draw = { seed + cpu };

		policy->random[cpu].state = draw_bits(&draw);
	}
}

uint64_t policy_random(struct policy *policy, unsigned int cpu)
{
	return draw_bits(&policy->random[cpu]);
}
