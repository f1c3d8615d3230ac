// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl_trim.c - shorter programs that cover the same: runs of operations are left out, half of them first, then less.
 *
 * AFL++ asks for candidates until post_trim() returns what init_trim() did; how many there will be is not known before,
 * so the former returns 0 as long as there is one more.
 */
#include <stdlib.h>

#include "fuzzers/common/afl_mutator.h"

#define MORE 0
#define OVER 1

void trim_end(struct mutator *mutator)
{
	program_free(&mutator->program);
	free(mutator->trimmed);
	mutator->trimmed = NULL;
}

/* Moves on to the next candidate that leaves something out. */
static int32_t settle(struct mutator *mutator)
{
	while (mutator->chunk && mutator->at >= mutator->program.nr_ops) {
		mutator->at = 0;
		mutator->chunk /= 2;
	}
	return mutator->chunk ? MORE : OVER;
}

static size_t chunk_here(const struct mutator *mutator)
{
	size_t left = mutator->program.nr_ops - mutator->at;

	return left < mutator->chunk ? left : mutator->chunk;
}

/* 0 steps: nothing to trim. */
int32_t afl_custom_init_trim(struct mutator *mutator, uint8_t *bytes, size_t size)
{
	trim_end(mutator);
	input_read(bytes, size, &mutator->program);
	mutator->trimmed = malloc(program_encoded_size(&mutator->program));
	HOST_ASSERT(mutator->trimmed);
	mutator->at = 0;
	mutator->chunk = (mutator->program.nr_ops + 1) / 2;
	return settle(mutator) == MORE ? OVER : 0;
}

size_t afl_custom_trim(struct mutator *mutator, uint8_t **out)
{
	struct program candidate;
	size_t size;

	program_copy(&candidate, &mutator->program);
	program_remove(&candidate, mutator->at, chunk_here(mutator));
	size = program_encode(&candidate, mutator->trimmed, program_encoded_size(&candidate));
	program_free(&candidate);
	*out = mutator->trimmed;
	return size;
}

int32_t afl_custom_post_trim(struct mutator *mutator, unsigned char success)
{
	if (success)
		program_remove(&mutator->program, mutator->at, chunk_here(mutator));
	else
		mutator->at += mutator->chunk;
	return settle(mutator);
}
