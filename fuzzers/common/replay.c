// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay.c - a target without an engine: NAME [--runs N] [--seed N] [--until-found] [--guided] FILE|DIRECTORY...
 *
 * Runs the files, then N inputs that come of them by blind mutation and crossing.  What CI can afford everywhere, and
 * the way to repeat what an engine kept.  --guided: not so blind, inputs that show orders not seen before are kept, and
 * they only.
 * Exit: 0 nothing found, 1 found, 2 usage, 3 the harness is wrong; with --until-found 0 when something was found, 1
 * when not.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzzers/common/input.h"
#include "fuzzers/common/interleave.h"
#include "fuzzers/common/process.h"
#include "fuzzers/common/target.h"
#include "harness/program/draw.h"

#define EXIT_FOUND 1
#define EXIT_USAGE 2
#define EXIT_HARNESS 3
#define POOL_MAX 1024
#define INPUT_SECONDS 30
#define CROSS 4 /* one input in so many is crossed first */
#define KEEP 8 /* one mutated input in so many takes the place of another, so that changes add up */

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input pool[POOL_MAX];
static unsigned int nr_pool, nr_files;
static uint64_t runs, done, seed = 1;
static bool until_found, guided;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void found(bool in_core)
{
	fprintf(stderr, "%s: found after %" PRIu64 " inputs, seed %" PRIu64 "\n", fuzz_target.name, done, seed);
	fflush(NULL);
	if (!in_core)
		_exit(EXIT_HARNESS);
	_exit(until_found ? EXIT_SUCCESS : EXIT_FOUND);
}

/* By way of _exit() the program is told.  Not safe in a signal handler, but there is nothing left to be spoilt. */
static void out_of_time(int signo)
{
	(void)signo;
	fprintf(stderr, "%s: an input has taken more than %d s\n", fuzz_target.name, INPUT_SECONDS);
	_exit(EXIT_HARNESS);
}

static bool run(const uint8_t *bytes, size_t size)
{
	bool taken;

	done++;
	alarm(INPUT_SECONDS);
	taken = fuzz_one(bytes, size);
	alarm(0);
	return taken;
}

/* ------------------------------------------------------------------------------------------------------------ files */

static void keep(const uint8_t *bytes, size_t size)
{
	struct input *input = &pool[nr_pool];

	if (nr_pool == POOL_MAX)
		return;
	input->bytes = malloc(size ? size : 1);
	HOST_ASSERT(input->bytes);
	memcpy(input->bytes, bytes, size);
	input->size = size;
	nr_pool++;
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "r");
	uint8_t *bytes = NULL;
	size_t size = 0, room = 0;

	if (!file) {
		fprintf(stderr, "%s: %s: %s\n", fuzz_target.name, path, strerror(errno));
		exit(EXIT_USAGE);
	}
	do {
		room = room ? 2 * room : 4096;
		bytes = realloc(bytes, room);
		HOST_ASSERT(bytes);
		size += fread(bytes + size, 1, room - size, file);
	} while (size == room && room < PROGRAM_TEXT_MAX);
	fclose(file);
	nr_files++;
	keep(bytes, size);
	if (!run(bytes, size)) {
		fprintf(stderr, "%s: %s is no program; `mmutorture check` says why\n", fuzz_target.name, path);
		exit(EXIT_USAGE);
	}
	free(bytes);
}

static void run_path(const char *path);

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "README.md");
}

/* In the order of their names, so that what mutation makes of them follows from the seed. */
static void run_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		char *inside;

		HOST_ASSERT(asprintf(&inside, "%s/%s", path, entries[i]->d_name) >= 0);
		run_path(inside);
		free(inside);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void run_path(const char *path)
{
	struct stat status;

	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		run_directory(path);
	else
		run_file(path);
}

/* --------------------------------------------------------------------------------------------------------- mutation */

static void mutate_one(struct draw *draw)
{
	struct input *from = &pool[draw_below(draw, nr_pool)], *with = &pool[draw_below(draw, nr_pool)];
	uint8_t bytes[FUZZ_INPUT_MAX];
	size_t size;

	if (draw_one_in(draw, CROSS)) {
		size = input_cross(from->bytes, from->size, with->bytes, with->size, draw_bits(draw), bytes,
				   sizeof(bytes));
		size = input_mutate(bytes, size, draw_bits(draw), bytes, sizeof(bytes));
	} else {
		size = input_mutate(from->bytes, from->size, draw_bits(draw), bytes, sizeof(bytes));
	}
	run(bytes, size);
	if (guided ? !interleave_news() : !draw_one_in(draw, KEEP))
		return;
	if (nr_pool < POOL_MAX) {
		keep(bytes, size);
		return;
	}
	with->bytes = realloc(with->bytes, size);
	HOST_ASSERT(with->bytes);
	memcpy(with->bytes, bytes, size);
	with->size = size;
}

static void mutate(void)
{
	struct draw draw = { seed };
	double begin = seconds();

	if (!nr_pool)
		keep((const uint8_t *)"", 0);
	for (uint64_t i = 0; i < runs; i++)
		mutate_one(&draw);
	if (runs)
		printf("%s: %u files, %" PRIu64 " mutated inputs, seed %" PRIu64 ", %.0f runs per CPU second\n",
		       fuzz_target.name, nr_files, runs, seed, (double)runs / (seconds() - begin));
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = text ? strtoull(text, &end, 0) : 0;

	if (text && *text && !*end)
		return value;
	fprintf(stderr, "usage: %s [--runs N] [--seed N] [--until-found] [--guided] FILE|DIRECTORY...\n",
		fuzz_target.name);
	exit(EXIT_USAGE);
}

int main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--runs"))
			runs = number(argv[++i]);
		else if (!strcmp(argv[i], "--seed"))
			seed = number(argv[++i]);
		else if (!strcmp(argv[i], "--until-found"))
			until_found = true;
		else if (!strcmp(argv[i], "--guided") && fuzz_target.interleavings)
			guided = true;
		else
			number(NULL);
	}
	fuzz_found = found;
	signal(SIGALRM, out_of_time);
	fuzz_start();
	for (; i < argc; i++)
		run_path(argv[i]);
	mutate();
	fuzz_over(stdout);
	if (until_found)
		fprintf(stderr, "%s: nothing found in %" PRIu64 " inputs, seed %" PRIu64 "\n", fuzz_target.name, done,
			seed);
	return until_found ? EXIT_FOUND : EXIT_SUCCESS;
}
