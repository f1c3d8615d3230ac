// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutate.c - another program that is much like the one before.
 *
 * Swarm testing (Groce et al., ISSTA 2012): each call brings in operations of a random half of the kinds only, since
 * what undoes the work of others - a slot deleted, everything zapped - would otherwise be in every program.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/program/choose.h"
#include "harness/program/parts.h"

#define RUN_MAX 8
#define CHANGES_MAX 8
#define TRIES 32
#define WILD 5

struct mutation {
	struct program *program;
	struct chooser chooser;
	uint64_t kinds; /* operations that are brought in: bit of the code */
	size_t ops_max;
};
_Static_assert(OPS_COUNT <= 64, "one bit each in struct mutation");

static uint64_t below(struct mutation *mutation, uint64_t number)
{
	return draw_below(&mutation->chooser.draw, number);
}

/* ------------------------------------------------------------------------------------------------------------- runs */

static size_t stream_begin(const struct program *program, unsigned int stream)
{
	size_t at = 0;

	while (at < program->nr_ops && op_stream(&program->ops[at]) < stream)
		at++;
	return at;
}

/* Puts @count operations somewhere into @stream, in their order. */
static void insert_run(struct mutation *mutation, const struct op *ops, size_t count, unsigned int stream)
{
	struct program *program = mutation->program;
	size_t begin = stream_begin(program, stream);
	size_t at = begin + below(mutation, stream_begin(program, stream + 1) - begin + 1);

	program_reserve(program, program->nr_ops + count);
	memmove(&program->ops[at + count], &program->ops[at], (program->nr_ops - at) * sizeof(*ops));
	memcpy(&program->ops[at], ops, count * sizeof(*ops));
	for (size_t i = at; i < at + count; i++)
		program->ops[i].thread = stream_thread(stream);
	program->nr_ops += count;
}

/* A few operations of one stream: the first one's index, and how many there are in @ops. */
static size_t pick_run(struct mutation *mutation, struct op *ops, size_t *count)
{
	const struct program *program = mutation->program;
	size_t first = below(mutation, program->nr_ops), most = draw_few(&mutation->chooser.draw, RUN_MAX);

	for (*count = 0; *count < most && first + *count < program->nr_ops; ++*count) {
		if (program->ops[first + *count].thread != program->ops[first].thread)
			break;
		ops[*count] = program->ops[first + *count];
	}
	return first;
}

/* The same, out of the program; how many they are, 0 where there are none. */
static size_t take_run(struct mutation *mutation, struct op *ops)
{
	size_t first, count;

	if (!mutation->program->nr_ops)
		return 0;
	first = pick_run(mutation, ops, &count);
	program_remove(mutation->program, first, count);
	return count;
}

/* NULL: there are none. */
static struct op *pick_op(struct mutation *mutation)
{
	struct program *program = mutation->program;

	return program->nr_ops ? &program->ops[below(mutation, program->nr_ops)] : NULL;
}

/* One that is there, or a new one behind the last; setup is one of them. */
static unsigned int pick_stream(struct mutation *mutation)
{
	return (unsigned int)below(mutation, smaller(program_threads(mutation->program) + 2u, STREAMS));
}

static uint8_t pick_kind(struct mutation *mutation)
{
	uint64_t skip = below(mutation, (uint64_t)__builtin_popcountll(mutation->kinds));
	uint64_t left = mutation->kinds;

	while (skip--)
		left &= left - 1;
	return (uint8_t)__builtin_ctzll(left);
}

/* ---------------------------------------------------------------------------------------------------------- changes */

/* Each: false when there was nothing to do it to. */

static bool change_argument(struct mutation *mutation)
{
	struct op *op = pick_op(mutation);
	const struct op_row *row;
	unsigned int i;

	if (!op)
		return false;
	row = &op_rows[op->code];
	if (!row->nr_arguments)
		return false;
	i = (unsigned int)below(mutation, row->nr_arguments);
	op->argument[i] =
		choose_value(&mutation->chooser, mutation->program, row->argument[i].operand, op->argument[i]);
	return true;
}

static bool copy_arguments(struct mutation *mutation)
{
	if (mutation->program->nr_ops < 2)
		return false;
	take_arguments(pick_op(mutation), pick_op(mutation));
	return true;
}

static bool change_code(struct mutation *mutation)
{
	struct op *op = pick_op(mutation), new;

	if (!op)
		return false;
	new = (struct op){ .code = pick_kind(mutation), .thread = op->thread };
	choose_arguments(&mutation->chooser, mutation->program, &new);
	take_arguments(&new, op);
	*op = new;
	return true;
}

static bool insert(struct mutation *mutation)
{
	struct program *program = mutation->program;
	size_t count = draw_few(&mutation->chooser.draw, RUN_MAX);
	unsigned int stream = pick_stream(mutation);

	count = smaller(count, mutation->ops_max - program->nr_ops);
	for (size_t i = 0; i < count; i++) {
		struct op op = { .code = pick_kind(mutation) };

		choose_arguments(&mutation->chooser, program, &op);
		insert_run(mutation, &op, 1, stream);
	}
	return count;
}

static bool delete(struct mutation *mutation)
{
	struct op run[RUN_MAX];

	return take_run(mutation, run);
}

static bool duplicate(struct mutation *mutation)
{
	struct program *program = mutation->program;
	struct op run[RUN_MAX];
	size_t count;

	if (!program->nr_ops || program->nr_ops == mutation->ops_max)
		return false;
	pick_run(mutation, run, &count);
	count = smaller(count, mutation->ops_max - program->nr_ops);
	insert_run(mutation, run, count, below(mutation, 2) ? op_stream(run) : pick_stream(mutation));
	return true;
}

static bool move(struct mutation *mutation)
{
	struct op run[RUN_MAX];
	size_t count = take_run(mutation, run);

	if (count)
		insert_run(mutation, run, count, op_stream(run));
	return count;
}

static bool move_to_thread(struct mutation *mutation)
{
	unsigned int stream = pick_stream(mutation);
	struct op run[RUN_MAX];
	size_t count = take_run(mutation, run);

	if (count)
		insert_run(mutation, run, count, stream);
	return count;
}

static bool swap(struct mutation *mutation)
{
	struct op *a, *b, old;
	uint8_t thread;

	if (mutation->program->nr_ops < 2)
		return false;
	a = pick_op(mutation);
	b = pick_op(mutation);
	old = *a;
	thread = b->thread;
	*a = *b;
	a->thread = old.thread;
	*b = old;
	b->thread = thread;
	return true;
}

static bool change_header(struct mutation *mutation)
{
	enum program_field field = (enum program_field)below(mutation, PROGRAM_FIELDS_COUNT);

	mutation->program->field[field] = (uint8_t)below(mutation, field_choices(field));
	return true;
}

/* --------------------------------------------------------------------------------------------------------- schedule */

static bool change_schedule(struct mutation *mutation)
{
	return schedule_mutate(&mutation->chooser.draw, mutation->program);
}

/* -------------------------------------------------------------------------------------------------------- the whole */

static const struct {
	bool (*change)(struct mutation *mutation);
	unsigned int weight;
} changes[] = {
	{ change_argument, 24 }, { insert, 12 },       { delete, 8 },          { copy_arguments, 5 },
	{ duplicate, 5 },        { move, 5 },          { move_to_thread, 3 },  { swap, 3 },
	{ change_code, 3 },      { change_header, 2 }, { change_schedule, 4 },
};

static bool change_something(struct mutation *mutation)
{
	uint64_t total = 0, left;
	size_t i = 0;

	for (size_t j = 0; j < sizeof(changes) / sizeof(changes[0]); j++)
		total += changes[j].weight;
	for (left = below(mutation, total); left >= changes[i].weight; i++)
		left -= changes[i].weight;
	return changes[i].change(mutation);
}

void program_mutate(struct program *program, uint64_t seed, size_t ops_max)
{
	program_mutate_among(program, ~0ull, seed, ops_max);
}

void program_mutate_among(struct program *program, uint64_t kinds, uint64_t seed, size_t ops_max)
{
	struct mutation mutation = {
		.program = program,
		.chooser = { .draw = { seed }, .wild = WILD },
		.ops_max = smaller(ops_max, PROGRAM_OPS_MAX),
	};
	uint64_t wanted = draw_few(&mutation.chooser.draw, CHANGES_MAX);

	kinds &= (1ull << (OPS_COUNT - 1) << 1) - 1;
	HOST_ASSERT(kinds);
	mutation.kinds = draw_bits(&mutation.chooser.draw) & kinds;
	if (!mutation.kinds) {
		mutation.kinds = kinds;
		mutation.kinds = 1ull << pick_kind(&mutation);
	}
	program->origin = (struct program_origin){ 0 };
	program->expectation = (struct program_expectation){ 0 };
	cut_down(&mutation.chooser.draw, program, mutation.ops_max);
	for (unsigned int i = 0; wanted && i < TRIES; i++)
		wanted -= change_something(&mutation);
}
