// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay.c - what a program's schedule says, and where it says nothing, what is usual.
 *
 * The decisions of each CPU are looked at in their order; one whose place has gone by without being reached, or whose
 * other CPU cannot run, is passed over and counted.  The caller says whether that is an error: not where the schedule
 * was made for another program, or has been changed.
 */
#include <stdlib.h>

#include "harness/schedule/cpus.h"
#include "harness/schedule/policy.h"

struct queue {
	struct decision *decisions; /* by step, then forced, then nth */
	size_t count, at;
};

struct replay {
	struct policy base;
	const struct program *program;
	struct decision *decisions; /* of all CPUs, one CPU behind the other */
	struct queue queue[DECISION_CPUS]; /* by decision.from */
	size_t missed;
	struct decision first_missed;
};

/* What comes first: at one step a CPU waits before it comes to the point. */
static int compare(const void *one, const void *two)
{
	const struct decision *a = one, *b = two;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->forced != b->forced)
		return a->forced ? -1 : 1;
	return a->nth < b->nth ? -1 : a->nth > b->nth;
}

static void read_decisions(struct replay *replay)
{
	size_t count = 0;
	struct decision_reader reader;
	struct decision *decisions =
		malloc((replay->program->schedule_bytes / DECISION_BYTES_MIN + 1) * sizeof(*decisions));

	HOST_ASSERT(decisions);
	policy_begin(&replay->base, decisions_begin(&reader, replay->program));
	while (decisions_next(&reader, &decisions[count]))
		count += !decisions[count].hold; /* those: holds.h */
	qsort(decisions, count, sizeof(*decisions), compare);
	replay->decisions = decisions;
	for (size_t i = 0; i < count; i++) {
		struct queue *queue = &replay->queue[decisions[i].from];

		if (!queue->count++)
			queue->decisions = &decisions[i];
	}
}

static bool new_run(struct policy *policy, uint64_t number, uint64_t seed)
{
	struct replay *replay = (struct replay *)policy;

	(void)number;
	(void)seed; /* the schedule has its own */
	policy_begin(policy, policy->seed);
	for (unsigned int cpu = 0; cpu < DECISION_CPUS; cpu++)
		replay->queue[cpu].at = 0;
	replay->missed = 0;
	return true;
}

static void miss(struct replay *replay, const struct decision *decision)
{
	if (!replay->missed++)
		replay->first_missed = *decision;
}

unsigned int policy_replay_says(struct policy *policy, const struct host_choice *choice,
				const struct choice_place *place)
{
	struct replay *replay = (struct replay *)policy;
	struct decision here = {
		.from = (uint8_t)place->cpu,
		.step = place->step,
		.nth = place->nth,
		.forced = choice_is_forced(choice),
	};
	unsigned int to = HOST_CPUS_MAX;
	struct queue *queue;

	queue = &replay->queue[here.from];
	for (; queue->at < queue->count; queue->at++) {
		const struct decision *decision = &queue->decisions[queue->at];
		int order = compare(decision, &here);

		if (order > 0)
			break;
		if (!order && to == HOST_CPUS_MAX)
			to = cpu_to_host(policy->names, decision->to, choice->enabled);
		if (order || to == HOST_CPUS_MAX)
			miss(replay, decision);
	}
	return to;
}

static unsigned int next(struct policy *policy, const struct host_choice *choice, const struct choice_place *place)
{
	unsigned int to = policy_replay_says(policy, choice, place);

	return to == HOST_CPUS_MAX ? choice_usual(choice) : to;
}

static void destroy(struct policy *policy)
{
	free(((struct replay *)policy)->decisions);
}

static const struct policy_type type = {
	.new_run = new_run,
	.next = next,
	.draw = policy_random,
	.destroy = destroy,
};

struct policy *policy_create_replay(const struct program *program)
{
	struct policy *policy = policy_alloc(sizeof(struct replay), &type, NULL);

	((struct replay *)policy)->program = program;
	read_decisions((struct replay *)policy);
	return policy;
}

size_t policy_replay_missed(const struct policy *policy, struct decision *decision)
{
	const struct replay *replay = (const struct replay *)policy;
	size_t missed = replay->missed;

	if (missed)
		*decision = replay->first_missed;
	for (unsigned int cpu = 0; cpu < DECISION_CPUS; cpu++) {
		const struct queue *queue = &replay->queue[cpu];

		if (queue->at < queue->count && !missed)
			*decision = queue->decisions[queue->at];
		missed += queue->count - queue->at;
	}
	return missed;
}
