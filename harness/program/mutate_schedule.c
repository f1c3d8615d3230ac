// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutate_schedule.c - another schedule that is much like the one before, decision by decision.
 *
 * A decision names its place by itself, so that the others mean what they meant when one comes, goes or moves.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/program/decisions.h"
#include "harness/program/draw.h"
#include "harness/program/parts.h"

#define RUN_MAX 8
#define STEP_FAR 4096
#define STEP_NEAR 16
#define CHANGES_MAX 4
#define HOLD 4 /* one decision in so many */
#define NEW_SEED 4 /* one change in so many: other random values, and what follows from them */

struct list {
	uint64_t seed;
	struct decision *decisions;
	size_t count;
};

/* With room for @more. */
static struct list read_list(const struct program *program, size_t more)
{
	struct list list = { .decisions = malloc((program->schedule_bytes / DECISION_BYTES_MIN + more + 1) *
						 sizeof(*list.decisions)) };
	struct decision_reader reader;

	HOST_ASSERT(list.decisions);
	list.seed = decisions_begin(&reader, program);
	while (decisions_next(&reader, &list.decisions[list.count]))
		list.count++;
	return list;
}

static void write_list(struct program *program, const struct list *list)
{
	if (list->seed || list->count)
		program_set_schedule(program, list->seed, list->decisions, list->count);
	else
		program_drop_schedule(program);
	free(list->decisions);
}

static uint8_t draw_cpu(struct draw *draw, unsigned int threads)
{
	return (uint8_t)(draw_one_in(draw, 8) ? draw_below(draw, DECISION_CPUS) : draw_below(draw, threads));
}

static void make_hold(struct draw *draw, struct decision *decision)
{
	decision->hold = true;
	decision->forced = false;
	decision->step = 0;
	decision->nth = draw_one_in(draw, 4) ? (uint32_t)draw_below(draw, 4) : 0;
	decision->at = (uint8_t)draw_below(draw, EVENTS);
	decision->past = (uint8_t)draw_below(draw, EVENTS);
}

static struct decision draw_decision(struct draw *draw, const struct list *list, unsigned int threads)
{
	struct decision decision = { .step = draw_below(draw, STEP_FAR) };

	if (list->count && draw_one_in(draw, 2))
		decision = list->decisions[draw_below(draw, list->count)];
	decision.from = draw_cpu(draw, threads);
	decision.to = draw_cpu(draw, threads);
	if (draw_one_in(draw, HOLD))
		make_hold(draw, &decision);
	else if (!decision.hold)
		decision.forced = draw_one_in(draw, 4);
	return decision;
}

static uint64_t move_step(struct draw *draw, uint64_t step)
{
	uint64_t by = 1 + draw_below(draw, draw_one_in(draw, 2) ? STEP_NEAR : STEP_FAR);

	if (draw_one_in(draw, 2))
		return step > by ? step - by : 0;
	return step < DECISION_STEP_MAX - by ? step + by : DECISION_STEP_MAX;
}

static void change_hold(struct draw *draw, struct decision *decision, unsigned int threads)
{
	uint8_t from = decision->from, to = decision->to;

	switch (draw_below(draw, 4)) {
	case 0: /* the other way round */
		decision->from = to;
		decision->to = from;
		break;
	case 1:
		decision->to = draw_cpu(draw, threads);
		break;
	default:
		make_hold(draw, decision);
	}
}

static void change_one(struct draw *draw, struct decision *decision, unsigned int threads)
{
	if (decision->hold) {
		change_hold(draw, decision, threads);
		return;
	}
	switch (draw_below(draw, 8)) {
	case 0:
		decision->to = draw_cpu(draw, threads);
		break;
	case 1:
		decision->from = draw_cpu(draw, threads);
		break;
	case 2:
		decision->forced = !decision->forced;
		decision->nth = 0;
		break;
	default:
		decision->step = move_step(draw, decision->step);
	}
}

static void put_in(struct draw *draw, struct list *list, unsigned int threads)
{
	struct decision decision = draw_decision(draw, list, threads);
	size_t at = draw_below(draw, list->count + 1);

	memmove(&list->decisions[at + 1], &list->decisions[at], (list->count - at) * sizeof(*list->decisions));
	list->decisions[at] = decision;
	list->count++;
}

static void take_out(struct draw *draw, struct list *list)
{
	size_t at = draw_below(draw, list->count), count = smaller(draw_few(draw, RUN_MAX), list->count - at);

	memmove(&list->decisions[at], &list->decisions[at + count],
		(list->count - at - count) * sizeof(*list->decisions));
	list->count -= count;
}

/* One thread alone has nothing to be scheduled. */
bool schedule_mutate(struct draw *draw, struct program *program)
{
	unsigned int threads = program_threads(program);
	struct list list;

	if (threads < 2)
		return false;
	list = read_list(program, 1);
	if (draw_one_in(draw, 16))
		list.seed = draw_below(draw, 256);
	else if (!list.count || draw_one_in(draw, 3))
		put_in(draw, &list, threads);
	else if (draw_one_in(draw, 3))
		take_out(draw, &list);
	else
		change_one(draw, &list.decisions[draw_below(draw, list.count)], threads);
	write_list(program, &list);
	return true;
}

void program_mutate_schedule(struct program *program, uint64_t seed)
{
	struct draw draw = { seed };
	struct list list;

	if (!draw_one_in(&draw, NEW_SEED)) {
		for (uint64_t wanted = draw_few(&draw, CHANGES_MAX); wanted; wanted--)
			schedule_mutate(&draw, program);
		return;
	}
	list = read_list(program, 0);
	list.seed = draw_bits(&draw) >> 32; /* short when written */
	write_list(program, &list);
}

/* The beginning of one and the end of the other, or all of both. */
void schedule_cross(struct draw *draw, struct program *child, const struct program *a, const struct program *b)
{
	struct list tail = read_list(b, 0), list = read_list(a, tail.count);
	size_t first = 0;

	if (draw_one_in(draw, 2)) {
		first = draw_below(draw, tail.count + 1);
		list.count = draw_below(draw, list.count + 1);
	}
	if (!list.count)
		list.seed = tail.seed;
	memcpy(&list.decisions[list.count], &tail.decisions[first], (tail.count - first) * sizeof(*list.decisions));
	list.count += tail.count - first;
	free(tail.decisions);
	write_list(child, &list);
}
