// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl_mutator.c - AFL++'s custom mutator of one target: AFL_CUSTOM_MUTATOR_LIBRARY=<target>-mutator.so.
 *
 * Interface: AFL++, docs/custom_mutators.md.  All that comes out follows from what goes in and from the seed that
 * afl-fuzz hands over, so that a campaign with -s repeats.  Outputs stay valid until the next call.
 */
#include "fuzzers/common/afl_mutator.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CROSS 4 /* one input in so many is crossed with another first */

struct mutator *afl_custom_init(void *afl, unsigned int seed)
{
	struct mutator *mutator = calloc(1, sizeof(*mutator));

	(void)afl;
	if (mutator)
		mutator->draw.state = seed;
	return mutator;
}

void afl_custom_deinit(struct mutator *mutator)
{
	trim_end(mutator);
	free(mutator);
}

size_t afl_custom_fuzz(struct mutator *mutator, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
		       size_t other_size, size_t room)
{
	size_t most = room < sizeof(mutator->bytes) ? room : sizeof(mutator->bytes);

	*out = mutator->bytes;
	mutator->seed = draw_bits(&mutator->draw);
	mutator->crossed = other && draw_one_in(&mutator->draw, CROSS);
	if (mutator->crossed) {
		size = input_cross(bytes, size, other, other_size, mutator->seed, mutator->bytes, most);
		bytes = mutator->bytes;
	}
	return input_mutate(bytes, size, mutator->seed, mutator->bytes, most);
}

/*
 * What AFL++'s own stages made of the bytes is brought back to what the target takes it for.  A seed's text stays as it
 * is: as it calibrates, AFL++ 4.04 hands back what came out, with the length of what went in.
 */
size_t afl_custom_post_process(struct mutator *mutator, uint8_t *bytes, size_t size, uint8_t **out)
{
	struct program program;

	*out = bytes;
	if (input_is_text(bytes, size))
		return size;
	input_decode(bytes, size, &program);
	size = input_write(&program, mutator->processed, sizeof(mutator->processed));
	program_free(&program);
	*out = mutator->processed;
	return size;
}

/* Becomes part of the name of a queue entry. */
const char *afl_custom_describe(struct mutator *mutator, size_t room)
{
	snprintf(mutator->description, sizeof(mutator->description) < room ? sizeof(mutator->description) : room,
		 "program%s-%016llx", mutator->crossed ? "-crossed" : "", (unsigned long long)mutator->seed);
	return mutator->description;
}

/* The program language asserts; here nobody else has that function. */
void host_assert_failed(const char *file, int line, const char *expression)
{
	fprintf(stderr, "%s:%d: assertion of the mutator failed: %s\n", file, line, expression);
	_exit(3);
}
