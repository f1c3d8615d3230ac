// SPDX-License-Identifier: GPL-2.0-only
/*
 * minimize.c - the rounds, and one trial.
 *
 * A program is known again by a hash of its bytes.  Should two have the same hash, one of them is not tried, and the
 * result is larger than it could be; it still shows what it has to.
 */
#include <stdlib.h>

#include "harness/minimize/minimize_parts.h"

#define TRIED_ROOM_LEAST 1024 /* a power of two, as all that follow it */

/* FNV-1a. */
static uint64_t hash_of(const struct program *program)
{
	size_t size = program_encoded_size(program);
	uint64_t hash = 0xcbf29ce484222325ULL;
	uint8_t *bytes = malloc(size);

	HOST_ASSERT(bytes && program_encode(program, bytes, size) == size);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	free(bytes);
	return hash ? hash : 1;
}

/* False: it was there. */
static bool put(uint64_t *tried, size_t room, uint64_t hash)
{
	size_t at = hash & (room - 1);

	while (tried[at] && tried[at] != hash)
		at = (at + 1) & (room - 1);
	if (tried[at])
		return false;
	tried[at] = hash;
	return true;
}

static void grow(struct minimizer *minimizer)
{
	size_t room = minimizer->tried_room ? minimizer->tried_room * 2 : TRIED_ROOM_LEAST;
	uint64_t *tried = calloc(room, sizeof(*tried));

	HOST_ASSERT(tried);
	for (size_t i = 0; i < minimizer->tried_room; i++) {
		if (minimizer->tried[i])
			put(tried, room, minimizer->tried[i]);
	}
	free(minimizer->tried);
	minimizer->tried = tried;
	minimizer->tried_room = room;
}

static bool is_new(struct minimizer *minimizer, const struct program *program)
{
	if (minimizer->nr_tried * 2 >= minimizer->tried_room)
		grow(minimizer);
	if (!put(minimizer->tried, minimizer->tried_room, hash_of(program)))
		return false;
	minimizer->nr_tried++;
	return true;
}

static bool shows(struct minimizer *minimizer, struct program *candidate)
{
	const struct minimize_hooks *hooks = minimizer->hooks;

	minimizer->stopped = minimizer->stopped || (hooks->stop && hooks->stop(hooks->context));
	if (minimizer->stopped)
		return false;
	if (!is_new(minimizer, candidate))
		return false;
	minimizer->tally->trials++;
	return hooks->shows(hooks->context, candidate);
}

bool minimize_try(struct minimizer *minimizer, struct program *candidate)
{
	const struct minimize_hooks *hooks = minimizer->hooks;

	if (!shows(minimizer, candidate)) {
		program_free(candidate);
		return false;
	}
	program_free(minimizer->best);
	*minimizer->best = *candidate;
	minimizer->tally->accepted++;
	minimizer->stopped = !hooks->better(hooks->context, minimizer->best);
	return true;
}

bool minimize(const struct minimize_hooks *hooks, struct program *program, struct minimize_tally *tally)
{
	static const struct {
		const char *name;
		void (*run)(struct minimizer *minimizer);
	} passes[] = {
		{ "header", minimize_header },      { "threads", minimize_threads },    { "operations", minimize_ops },
		{ "arguments", minimize_operands }, { "schedule", minimize_decisions },
	};
	struct minimizer minimizer = { .hooks = hooks, .tally = tally, .best = program };
	uint64_t before;

	is_new(&minimizer, program);
	do {
		before = tally->accepted;
		for (unsigned int i = 0; i < sizeof(passes) / sizeof(passes[0]) && !minimizer.stopped; i++) {
			tally->pass = passes[i].name;
			passes[i].run(&minimizer);
		}
	} while (tally->accepted != before && !minimizer.stopped);
	free(minimizer.tried);
	return !minimizer.stopped;
}

bool minimize_may_come_from(const struct program *program, const struct program *original)
{
	size_t room[OPS_COUNT] = { 0 };

	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (program->field[i] != original->field[i] && program->field[i] != program_field_rows[i].preset)
			return false;
	}
	for (size_t i = 0; i < original->nr_ops; i++)
		room[original->ops[i].code]++;
	for (size_t i = 0; i < program->nr_ops; i++) {
		if (!room[program->ops[i].code]--)
			return false;
	}
	return true;
}
