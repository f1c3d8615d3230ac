// SPDX-License-Identifier: GPL-2.0-only
/*
 * cross.c - a program that has parts of two others.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/program/choose.h"
#include "harness/program/parts.h"

#define RUN_MAX 16

/* The operations of one stream of one program. */
struct part {
	const struct op *ops; /* of the whole program */
	size_t begin, count;
};

static struct part part_of(const struct program *program, unsigned int stream)
{
	size_t begin = 0, end;

	while (begin < program->nr_ops && op_stream(&program->ops[begin]) < stream)
		begin++;
	for (end = begin; end < program->nr_ops && op_stream(&program->ops[end]) == stream;)
		end++;
	return (struct part){ program->ops, begin, end - begin };
}

static void add(struct program *child, struct part part, size_t first, size_t count)
{
	if (!count)
		return;
	program_reserve(child, child->nr_ops + count);
	memcpy(&child->ops[child->nr_ops], &part.ops[part.begin + first], count * sizeof(*part.ops));
	child->nr_ops += count;
}

/* The beginning of one, the end of the other. */
static void splice(struct draw *draw, struct program *child, struct part a, struct part b)
{
	size_t end = draw_below(draw, a.count + 1), begin = draw_below(draw, b.count + 1);

	add(child, a, 0, end);
	add(child, b, begin, b.count - begin);
}

static void insert_some(struct draw *draw, struct program *child, struct part a, struct part b)
{
	size_t at = draw_below(draw, a.count + 1), first = draw_below(draw, b.count + 1);

	add(child, a, 0, at);
	add(child, b, first, smaller(b.count - first, draw_below(draw, RUN_MAX)));
	add(child, a, at, a.count - at);
}

static void take_turns(struct draw *draw, struct program *child, struct part a, struct part b)
{
	while (a.count || b.count) {
		struct part *part = draw_one_in(draw, 2) ? &a : &b;
		size_t run = smaller(part->count, 1 + draw_below(draw, RUN_MAX));

		add(child, *part, 0, run);
		part->begin += run;
		part->count -= run;
	}
}

static void cross_streams(struct draw *draw, struct program *child, struct part a, struct part b)
{
	struct part one = draw_one_in(draw, 2) ? a : b;

	switch (draw_below(draw, 4)) {
	case 0:
		splice(draw, child, a, b);
		break;
	case 1:
		insert_some(draw, child, a, b);
		break;
	case 2:
		take_turns(draw, child, a, b);
		break;
	default:
		add(child, one, 0, one.count);
	}
}

void program_cross(const struct program *a, const struct program *b, uint64_t seed, size_t ops_max,
		   struct program *child)
{
	struct draw draw = { seed };
	bool mixed = draw_one_in(&draw, 4);

	program_init(child);
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		child->field[i] = mixed && draw_one_in(&draw, 2) ? b->field[i] : a->field[i];
	/* What the threads do goes with the memory that was set up for it. */
	if (draw_one_in(&draw, 2)) {
		struct part setup = part_of(a, 0);

		add(child, setup, 0, setup.count);
	} else {
		cross_streams(&draw, child, part_of(a, 0), part_of(b, 0));
	}
	for (unsigned int stream = 1; stream < STREAMS; stream++)
		cross_streams(&draw, child, part_of(a, stream), part_of(b, stream));
	schedule_cross(&draw, child, a, b);
	cut_down(&draw, child, smaller(ops_max, PROGRAM_OPS_MAX));
}
