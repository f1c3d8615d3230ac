// SPDX-License-Identifier: GPL-2.0-only
/*
 * load_save.c - programs in files.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/program/program.h"

/* ------------------------------------------------------------------------------------------------------------- load */

struct contents {
	char *bytes;
	size_t size;
};

static bool read_stream(FILE *file, struct contents *contents)
{
	size_t room = 0;

	do {
		if (contents->size == room) {
			room = room ? room * 2 : 4096;
			contents->bytes = realloc(contents->bytes, room);
			HOST_ASSERT(contents->bytes);
		}
		contents->size += fread(&contents->bytes[contents->size], 1, room - contents->size, file);
		/* One byte more than allowed is enough to know. */
	} while (!feof(file) && !ferror(file) && contents->size <= PROGRAM_TEXT_MAX);
	return !ferror(file);
}

static bool read_file(const char *path, struct contents *contents, FILE *errors)
{
	FILE *file = fopen(path, "r");
	bool read;

	if (!file) {
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return false;
	}
	errno = 0;
	read = read_stream(file, contents);
	if (!read)
		fprintf(errors, "%s: %s\n", path, strerror(errno ? errno : EIO));
	fclose(file);
	return read;
}

static bool is_text(uint8_t first)
{
	return first >= ' ' || first == '\t' || first == '\n' || first == '\r';
}

bool program_read(const uint8_t *bytes, size_t size, struct program *program, struct program_error *error)
{
	if (!size || is_text(*bytes))
		return program_parse((const char *)bytes, size, program, error);
	if (*bytes == PROGRAM_FORMAT) {
		program_decode(bytes, size, program);
		return true;
	}
	program_init(program);
	*error = (struct program_error){ 0 };
	snprintf(error->text, sizeof(error->text), "bytes of format %u: this reads format %u", *bytes, PROGRAM_FORMAT);
	return false;
}

/* @parse NULL: text or bytes. */
static bool load_contents(const char *path, const struct contents *contents, program_parser parse,
			  struct program *program, FILE *errors)
{
	struct program_error error;

	if (parse ? parse(contents->bytes, contents->size, program, &error)
		  : program_read((const uint8_t *)contents->bytes, contents->size, program, &error))
		return true;
	if (error.line)
		fprintf(errors, "%s:%u:%u: %s\n", path, error.line, error.column, error.text);
	else
		fprintf(errors, "%s: %s\n", path, error.text);
	return false;
}

static bool load(const char *path, program_parser parse, struct program *program, FILE *errors)
{
	struct contents contents = { 0 };
	bool loaded = read_file(path, &contents, errors);

	program_init(program);
	if (loaded && contents.size > PROGRAM_TEXT_MAX) {
		fprintf(errors, "%s: more than %u bytes, and no program is longer\n", path, PROGRAM_TEXT_MAX);
		loaded = false;
	} else if (loaded) {
		loaded = load_contents(path, &contents, parse, program, errors);
	}
	free(contents.bytes);
	return loaded;
}

bool program_load(const char *path, struct program *program, FILE *errors)
{
	return load(path, NULL, program, errors);
}

bool program_load_text(const char *path, program_parser parse, struct program *program, FILE *errors)
{
	return load(path, parse, program, errors);
}

/* ------------------------------------------------------------------------------------------------------------- save */

static bool write_bytes(const struct program *program, FILE *file)
{
	size_t size = program_encoded_size(program);
	uint8_t *bytes = malloc(size);
	bool written;

	HOST_ASSERT(bytes);
	size = program_encode(program, bytes, size);
	written = fwrite(bytes, 1, size, file) == size;
	free(bytes);
	return written;
}

static int write_beside(const struct program *program, const char *path, bool text)
{
	FILE *file = fopen(path, "w");
	bool written;
	int error;

	if (!file)
		return errno;
	errno = 0;
	written = text ? program_print(program, file) >= 0 : write_bytes(program, file);
	written = written && !fflush(file) && !fsync(fileno(file));
	error = written ? 0 : errno ? errno : EIO;
	if (fclose(file) && !error)
		error = errno;
	return error;
}

bool program_save(const char *path, const struct program *program, bool text, FILE *errors)
{
	char beside[PATH_MAX];
	int error = ENAMETOOLONG;

	if (snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid()) < (int)sizeof(beside)) {
		error = write_beside(program, beside, text);
		if (!error && rename(beside, path))
			error = errno;
		if (error)
			unlink(beside);
	}
	if (error)
		fprintf(errors, "%s: %s\n", path, strerror(error));
	return !error;
}
