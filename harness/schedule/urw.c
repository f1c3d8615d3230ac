// SPDX-License-Identifier: GPL-2.0-only
/*
 * urw.c - uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).
 *
 * A CPU is chosen as often as it has places before it, of all that are left: then each interleaving is as likely as any
 * other.  How many there are is learnt from the runs before.
 */
#include "harness/schedule/policy.h"

struct urw {
	struct policy base;
	uint64_t expected[HOST_CPUS_MAX]; /* places of a CPU in a run, times 4 */
	uint64_t places[HOST_CPUS_MAX]; /* in this one so far */
};

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct urw *urw = (struct urw *)policy;

	(void)number;
	policy_begin(policy, seed);
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		if (!urw->expected[cpu])
			urw->expected[cpu] = 4 * urw->places[cpu];
		else if (urw->places[cpu])
			urw->expected[cpu] += urw->places[cpu] - urw->expected[cpu] / 4;
		urw->places[cpu] = 0;
	}
	return true;
}

static uint64_t weight(const struct urw *urw, unsigned int cpu)
{
	uint64_t expected = urw->expected[cpu] / 4;

	return expected > urw->places[cpu] ? expected - urw->places[cpu] : 1;
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	struct urw *urw = (struct urw *)policy;
	uint64_t total = 0, drawn;
	unsigned int cpu = 0;

	(void)place;
	urw->places[choice->running]++;
	for (uint64_t left = choice->enabled; left; left &= left - 1)
		total += weight(urw, (unsigned int)__builtin_ctzll(left));
	drawn = draw_below(&policy->draw, total);
	for (uint64_t left = choice->enabled; left; left &= left - 1) {
		cpu = (unsigned int)__builtin_ctzll(left);
		if (drawn < weight(urw, cpu))
			break;
		drawn -= weight(urw, cpu);
	}
	return cpu;
}

static const struct policy_type type = { .new_run = new_run, .next = next, .draw = policy_random };

struct policy *urw_create(const struct policy_settings *settings)
{
	return policy_alloc(sizeof(struct urw), &type, settings);
}
