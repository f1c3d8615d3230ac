// SPDX-License-Identifier: GPL-2.0-only
/*
 * libfuzzer.c - a target for libFuzzer, and for whatever else speaks its interface (OSS-Fuzz, honggfuzz, Centipede).
 */
#include <stdlib.h>
#include <string.h>

#include "fuzzers/common/input.h"
#include "fuzzers/common/process.h"
#include "harness/program/draw.h"

#define RAW 16 /* one mutation in so many is libFuzzer's own, of the bytes */

/* FuzzerInterface.h, which is C++'s. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t room, unsigned int seed);

/*
 * Said before what the caller says, which counts.  What libFuzzer calls entropic takes two thirds of the time here: an
 * input has thousands of features that are rare at first.  And an input that takes a minute hangs: most take a
 * millisecond.
 */
static void say_first(int *argc, char ***argv)
{
	static char said[][16] = { "-entropic=0", "-timeout=60" };
	size_t count = sizeof(said) / sizeof(said[0]);
	static char **words; /* or it would be a leak when libFuzzer has read them */

	words = calloc((size_t)*argc + count + 1, sizeof(*words));
	HOST_ASSERT(words);
	words[0] = (*argv)[0];
	for (size_t i = 0; i < count; i++)
		words[1 + i] = said[i];
	memcpy(&words[1 + count], &(*argv)[1], (size_t)(*argc - 1) * sizeof(*words));
	*argv = words;
	*argc += (int)count;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	say_first(argc, argv);
	fuzz_start();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	return fuzz_one(bytes, size) ? 0 : -1; /* not for the corpus */
}

static size_t mutate_raw(uint8_t *bytes, size_t size, size_t room)
{
	struct program program;

	size = LLVMFuzzerMutate(bytes, size, room);
	input_decode(bytes, size, &program);
	size = input_write(&program, bytes, room);
	program_free(&program);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned int seed)
{
	struct draw draw = { seed };

	if (size > PROGRAM_HEADER_BYTES && draw_one_in(&draw, RAW))
		return mutate_raw(bytes, size, room);
	return input_mutate(bytes, size, draw_bits(&draw), bytes, room);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t room, unsigned int seed)
{
	return input_cross(a, a_size, b, b_size, seed, out, room);
}
