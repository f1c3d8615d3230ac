// SPDX-License-Identifier: GPL-2.0-only
/* portfolio.c - the policies in turn, since no single one finds everything (docs/REPLAY.md has figures). */
#include "harness/schedule/policy.h"

static const struct {
	struct policy *(*create)(const struct policy_settings *settings);
	struct policy_settings settings;
} members[] = {
	{ random_walk_create, { .one_in = 16 } },
	{ pct_create, { .depth = 3 } },
	{ random_walk_create, { .one_in = 64 } },
	{ pct_create, { .depth = 5 } },
	{ pos_create, { 0 } },
	{ pct_create, { .depth = 4 } },
	{ random_walk_create, { .one_in = 16 } },
	{ pct_create, { .depth = 6 } },
	{ random_walk_create, { .one_in = 64 } },
	{ pct_create, { .depth = 7 } },
	{ urw_create, { 0 } },
	{ pct_create, { .depth = 8 } },
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

struct portfolio {
	struct policy base;
	struct policy *member[MEMBERS], *now;
};

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct portfolio *portfolio = (struct portfolio *)policy;

	policy_begin(policy, seed);
	portfolio->now = portfolio->member[number % MEMBERS];
	return portfolio->now->type->new_run(portfolio->now, number / MEMBERS, seed);
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct policy *now = ((struct portfolio *)policy)->now;

	return now->type->next(now, choice, place);
}

static void destroy(struct policy *policy)
{
	for (size_t i = 0; i < MEMBERS; i++)
		policy_destroy(((struct portfolio *)policy)->member[i]);
}

static const struct policy_type type = {
	.new_run = new_run,
	.next = next,
	.draw = policy_random,
	.destroy = destroy,
};

struct policy *portfolio_create(const struct policy_settings *settings)
{
	struct policy *policy = policy_alloc(sizeof(struct portfolio), &type, settings);

	for (size_t i = 0; i < MEMBERS; i++)
		((struct portfolio *)policy)->member[i] = members[i].create(&members[i].settings);
	return policy;
}
