/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * afl_mutator.h - the state of a custom mutator, and what AFL++ calls.
 */
#ifndef FUZZERS_COMMON_AFL_MUTATOR_H
#define FUZZERS_COMMON_AFL_MUTATOR_H

#include "fuzzers/common/input.h"
#include "harness/program/draw.h"

struct mutator {
	struct draw draw;
	uint64_t seed; /* of the last input */
	bool crossed;
	char description[64];
	uint8_t bytes[FUZZ_INPUT_MAX];
	uint8_t processed[PROGRAM_HEADER_BYTES + FUZZ_RUN_OPS_MAX * OP_RECORD_BYTES];
	/* Trimming: @chunk operations at @at are left out of @program and tried. */
	struct program program;
	uint8_t *trimmed;
	size_t chunk, at;
};

struct mutator *afl_custom_init(void *afl, unsigned int seed);
void afl_custom_deinit(struct mutator *mutator);
size_t afl_custom_fuzz(struct mutator *mutator, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
		       size_t other_size, size_t room);
size_t afl_custom_post_process(struct mutator *mutator, uint8_t *bytes, size_t size, uint8_t **out);
int32_t afl_custom_init_trim(struct mutator *mutator, uint8_t *bytes, size_t size);
size_t afl_custom_trim(struct mutator *mutator, uint8_t **out);
int32_t afl_custom_post_trim(struct mutator *mutator, unsigned char success);
const char *afl_custom_describe(struct mutator *mutator, size_t room);

void trim_end(struct mutator *mutator);

#endif
