// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_codec.c - our own language: every byte string is a program, its bytes and its text say the same, no text makes
 * the parser stumble.  What breaks is an assertion: no core takes part.
 */
#include <stdlib.h>

#include "fuzzers/common/target.h"

static void same_as_bytes(const struct program *program)
{
	size_t size = program_encoded_size(program);
	uint8_t *bytes = malloc(size);
	struct program again;

	HOST_ASSERT(bytes && program_encode(program, bytes, size) == size);
	program_decode(bytes, size, &again);
	HOST_ASSERT(program_equal(program, &again));
	program_free(&again);
	free(bytes);
}

static void same_as_text(const struct program *program)
{
	struct program_error error;
	struct program again;
	size_t size = 0;
	char *text = NULL;
	FILE *stream = open_memstream(&text, &size);

	HOST_ASSERT(stream && program_print(program, stream) >= 0 && !fclose(stream));
	HOST_ASSERT(program_parse(text, size, &again, &error));
	HOST_ASSERT(program_equal(program, &again));
	program_free(&again);
	free(text);
}

static bool codec(const uint8_t *bytes, size_t size)
{
	struct program program;
	struct program_error error;

	if (program_parse((const char *)bytes, size, &program, &error))
		same_as_bytes(&program);
	else
		HOST_ASSERT(error.line && error.column && *error.text);
	program_free(&program);
	program_decode(bytes, size, &program);
	same_as_bytes(&program);
	same_as_text(&program);
	program_free(&program);
	return true;
}

const struct fuzz_target fuzz_target = { .name = "fuzz_codec", .bytes = codec };
