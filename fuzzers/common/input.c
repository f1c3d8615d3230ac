// SPDX-License-Identifier: GPL-2.0-only
/*
 * input.c - reading, writing, mutating and crossing inputs.
 */
#include "fuzzers/common/input.h"

#include "fuzzers/common/target.h"
#include "harness/program/decisions.h"
#include "harness/program/draw.h"

#define FRESH_OPS_MAX 24
#define FRESH_THREADS_MAX 3
#define OPERATIONS 4 /* under a schedule, one mutation in so many is of the operations */
#define ORDERED 8 /* where streams take turns but need not, one mutation in so many gives them a schedule */
#define FRESH 64 /* one mutation in so many begins with a program of its own */

bool input_read(const uint8_t *bytes, size_t size, struct program *program)
{
	struct program_error error;
	bool read = program_read(bytes, size, program, &error);

	fuzz_restrict(program);
	return read;
}

bool input_is_text(const uint8_t *bytes, size_t size)
{
	struct program program;
	bool read = input_read(bytes, size, &program);

	program_free(&program);
	return read && *bytes != PROGRAM_FORMAT;
}

void input_decode(const uint8_t *bytes, size_t size, struct program *program)
{
	program_decode(bytes, size, program);
	fuzz_restrict(program);
}

size_t input_write(struct program *program, uint8_t *bytes, size_t room)
{
	size_t records = (room - PROGRAM_HEADER_BYTES) / OP_RECORD_BYTES;

	if (program->nr_ops > records)
		program_remove(program, records, program->nr_ops - records);
	room -= PROGRAM_HEADER_BYTES + program->nr_ops * OP_RECORD_BYTES;
	if (program->schedule_bytes > room) {
		program->schedule_bytes = room > 1 ? room : 0; /* one byte says less than a schedule's head */
		schedule_canonical(program);
	}
	return program_encode(program, bytes, program_encoded_size(program));
}

static size_t ops_that_fit(size_t room)
{
	size_t records = (room - PROGRAM_HEADER_BYTES) / OP_RECORD_BYTES;
	size_t most = fuzz_target.ops_max ? fuzz_target.ops_max : FUZZ_OPS_MAX;

	return records < most ? records : most;
}

static size_t finish(struct program *program, uint8_t *out, size_t room)
{
	size_t written;

	fuzz_restrict(program);
	written = input_write(program, out, room);
	program_free(program);
	return written;
}

static bool mutates_schedule(struct draw *draw, const struct program *program)
{
	if (fuzz_is_ordered(program))
		return !draw_one_in(draw, OPERATIONS);
	return fuzz_target.interleavings && draw_one_in(draw, ORDERED);
}

size_t input_mutate(const uint8_t *bytes, size_t size, uint64_t seed, uint8_t *out, size_t room)
{
	struct draw draw = { seed };
	struct program program;

	if (room < PROGRAM_HEADER_BYTES)
		return 0;
	input_read(bytes, size, &program);
	if (!program.nr_ops || draw_one_in(&draw, FRESH)) {
		unsigned int threads = 1 + (unsigned int)draw_below(&draw, FRESH_THREADS_MAX) +
				       (fuzz_target.orders == FUZZ_ALL_ORDERED);

		program_free(&program);
		program_generate(&program, draw_bits(&draw), threads, 1 + draw_below(&draw, FRESH_OPS_MAX));
		fuzz_restrict(&program);
	}
	if (mutates_schedule(&draw, &program))
		program_mutate_schedule(&program, draw_bits(&draw));
	else
		program_mutate_among(&program, fuzz_target_ops(), draw_bits(&draw), ops_that_fit(room));
	return finish(&program, out, room);
}

size_t input_cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint64_t seed, uint8_t *out,
		   size_t room)
{
	struct program first, second, child;

	if (room < PROGRAM_HEADER_BYTES)
		return 0;
	input_read(a, a_size, &first);
	input_read(b, b_size, &second);
	program_cross(&first, &second, seed, ops_that_fit(room), &child);
	program_free(&first);
	program_free(&second);
	return finish(&child, out, room);
}
