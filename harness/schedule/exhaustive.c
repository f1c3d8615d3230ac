// SPDX-License-Identifier: GPL-2.0-only
/*
 * exhaustive.c - every schedule with at most so many preemptions, one a run (Musuvathi, Qadeer, PLDI 2007).
 *
 * Depth first: a run does what the one before it did up to the last place where something was left to try there, and
 * from then on what is usual.  Where a CPU has to wait, all that can follow are tried, at no cost.
 */
#include <stdlib.h>

#include "harness/schedule/policy.h"

struct place {
	uint64_t enabled;
	uint8_t usual; /* is tried first */
	uint8_t tried; /* what is tried now; the others follow by number */
	bool forced;
};

struct exhaustive {
	struct policy base;
	struct place *places;
	size_t count, room, at; /* of places; where the run is */
	unsigned int preemptions; /* of the run, up to there */
};

/* The CPU that is tried after @place->tried; HOST_CPUS_MAX: all have been. */
static unsigned int following(const struct place *place)
{
	uint64_t left = place->enabled & ~(1ull << place->usual);

	if (place->tried != place->usual)
		left &= ~(1ull << place->tried) & ~((1ull << place->tried) - 1);
	return left ? (unsigned int)__builtin_ctzll(left) : HOST_CPUS_MAX;
}

static bool preempts(const struct place *place)
{
	return !place->forced && place->tried != place->usual;
}

static unsigned int preemptions_before(const struct exhaustive *exhaustive, size_t end)
{
	unsigned int preemptions = 0;

	for (size_t i = 0; i < end; i++)
		preemptions += preempts(&exhaustive->places[i]);
	return preemptions;
}

/* False: no place is left at which something else could be tried. */
static bool turn_back(struct exhaustive *exhaustive)
{
	unsigned int before = preemptions_before(exhaustive, exhaustive->count);

	while (exhaustive->count) {
		struct place *place = &exhaustive->places[exhaustive->count - 1];
		unsigned int other = following(place);

		before -= preempts(place);
		if (other != HOST_CPUS_MAX && (place->forced || before < exhaustive->base.settings.preemptions)) {
			place->tried = (uint8_t)other;
			return true;
		}
		exhaustive->count--;
	}
	return false;
}

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct exhaustive *exhaustive = (struct exhaustive *)policy;

	policy_begin(policy, number ? policy->seed : seed); /* only the order is searched */
	exhaustive->at = 0;
	return !number || turn_back(exhaustive);
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct exhaustive *exhaustive = (struct exhaustive *)policy;
	unsigned int usual = choice_usual(choice);

	(void)place;
	if (exhaustive->at == exhaustive->count) {
		if (exhaustive->count == exhaustive->room) {
			exhaustive->room = exhaustive->room ? 2 * exhaustive->room : 1024;
			exhaustive->places =
				realloc(exhaustive->places, exhaustive->room * sizeof(*exhaustive->places));
			HOST_ASSERT(exhaustive->places);
		}
		exhaustive->places[exhaustive->count++] = (struct place){
			.enabled = choice->enabled,
			.usual = (uint8_t)usual,
			.tried = (uint8_t)usual,
			.forced = choice_is_forced(choice),
		};
	}
	HOST_ASSERT(exhaustive->places[exhaustive->at].enabled == choice->enabled);
	return exhaustive->places[exhaustive->at++].tried;
}

static void destroy(struct policy *policy)
{
	free(((struct exhaustive *)policy)->places);
}

static const struct policy_type type = {
	.new_run = new_run,
	.next = next,
	.draw = policy_random,
	.destroy = destroy,
};

struct policy *exhaustive_create(const struct policy_settings *settings)
{
	return policy_alloc(sizeof(struct exhaustive), &type, settings);
}
