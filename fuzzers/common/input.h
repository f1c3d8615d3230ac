/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * input.h - inputs of fuzzers as programs, and how one becomes another.
 *
 * All deterministic in what is passed.  An input is bytes or text: what people keep in corpora/ is read as it is.
 */
#ifndef FUZZERS_COMMON_INPUT_H
#define FUZZERS_COMMON_INPUT_H

#include "harness/program/program.h"

/* What mutation brings forth is at most so long: where it is found matters more than what else went on. */
#define FUZZ_OPS_MAX 64
#define FUZZ_INPUT_MAX (PROGRAM_HEADER_BYTES + FUZZ_OPS_MAX * OP_RECORD_BYTES)

/* And this is as much of an input as is run: longer ones are slow, and the longest seed (a VMM's boot) is shorter. */
#define FUZZ_RUN_OPS_MAX 512

bool input_is_text(const uint8_t *bytes, size_t size); /* of a program */

/* @program: uninitialised or freed; it is restricted to the target.  False: none (program_read()), and an empty one. */
bool input_read(const uint8_t *bytes, size_t size, struct program *program);
/* For bytes that somebody has changed who knows nothing of programs: any are one. */
void input_decode(const uint8_t *bytes, size_t size, struct program *program);

/* Canonical bytes of @program, cut so that they fit into @room, which is at least PROGRAM_HEADER_BYTES. */
size_t input_write(struct program *program, uint8_t *bytes, size_t room);

/* Another input that is much like @bytes.  @out may be @bytes.  Returns its size, at most @room. */
size_t input_mutate(const uint8_t *bytes, size_t size, uint64_t seed, uint8_t *out, size_t room);
size_t input_cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint64_t seed, uint8_t *out,
		   size_t room);

#endif
