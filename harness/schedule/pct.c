// SPDX-License-Identifier: GPL-2.0-only
/*
 * pct.c - probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).
 *
 * Each CPU has a random priority and the highest that can run does; at depth - 1 random places the running one falls
 * below all others.  The places are drawn from as many as there were in the runs before.
 */
#include "harness/schedule/policy.h"

#define DEPTH_MAX 32
#define PLACES_FIRST 256 /* before a run has been seen */

struct pct {
	struct policy base;
	uint64_t places, expected; /* in this run so far; in one like those before */
	uint64_t change[DEPTH_MAX];
	unsigned int nr_changes;
	uint64_t known; /* CPUs that have a priority */
	int64_t priority[HOST_CPUS_MAX], lowest;
	uint64_t since; /* step at which the running CPU began */
};

static void learn(struct pct *pct)
{
	if (!pct->expected)
		pct->expected = PLACES_FIRST;
	else if (pct->places)
		pct->expected = (3 * pct->expected + pct->places + 3) / 4;
	pct->places = 0;
}

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct pct *pct = (struct pct *)policy;

	(void)number;
	policy_begin(policy, seed);
	learn(pct);
	pct->nr_changes = policy->settings.depth - 1;
	for (unsigned int i = 0; i < pct->nr_changes; i++)
		pct->change[i] = 1 + draw_below(&policy->draw, pct->expected);
	pct->known = 0;
	pct->lowest = 0;
	pct->since = 0;
	return true;
}

static bool changes_here(const struct pct *pct)
{
	for (unsigned int i = 0; i < pct->nr_changes; i++) {
		if (pct->change[i] == pct->places)
			return true;
	}
	return false;
}

/* Gives way without being woken by anybody: at the top it would only come back. */
static bool gives_way(const struct pct *pct, const struct host_choice *choice)
{
	return choice_is_forced(choice) &&
	       (choice->kind == HOST_POINT_RESCHED || choice->step - pct->since >= STRETCH_STEPS);
}

static unsigned int highest(struct pct *pct, uint64_t enabled)
{
	unsigned int best = HOST_CPUS_MAX;

	for (; enabled; enabled &= enabled - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(enabled);

		if (!(pct->known >> cpu & 1)) {
			pct->known |= 1ull << cpu;
			pct->priority[cpu] = 1 + (int64_t)(draw_bits(&pct->base.draw) >> 2);
		}
		if (best == HOST_CPUS_MAX || pct->priority[cpu] > pct->priority[best])
			best = cpu;
	}
	return best;
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct pct *pct = (struct pct *)policy;
	bool falls = gives_way(pct, choice);
	unsigned int best;

	(void)place;
	if (!choice_is_forced(choice)) {
		pct->places++;
		falls = changes_here(pct);
	}
	if (falls) {
		pct->known |= 1ull << choice->running;
		pct->priority[choice->running] = --pct->lowest;
	}
	best = highest(pct, choice->enabled);
	if (best != choice->running)
		pct->since = choice->step;
	return best;
}

static const struct policy_type type = { .new_run = new_run, .next = next, .draw = policy_random };

struct policy *pct_create(const struct policy_settings *settings)
{
	HOST_ASSERT(settings->depth >= 1 && settings->depth <= DEPTH_MAX);
	return policy_alloc(sizeof(struct pct), &type, settings);
}
