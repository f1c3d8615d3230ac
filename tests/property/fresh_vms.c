// SPDX-License-Identifier: GPL-2.0-only
/*
 * fresh_vms.c - property: a VM that a snapshot has brought back is as fresh as one that has just been made.  Whatever a
 * program does to the one it does to the other: each operation's result, and the state it leaves, to the last entry.
 *
 * fresh_vms [SEED [PROGRAMS [OPERATIONS]]].
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/fresh.h"
#include "tests/core/core_fixture.h"

struct story {
	char *text;
	size_t bytes;
	struct digest digest;
};

static bool run(struct fresh *fresh, const struct program *program, enum fresh_life life, struct story *story)
{
	struct run_options options = { .digest_every = 4, .digest = &story->digest };
	bool supported;

	*story = (struct story){ 0 };
	options.trace = open_memstream(&story->text, &story->bytes);
	HOST_ASSERT(options.trace);
	supported = is_supported(fresh_run(fresh, program, &options, life, NULL), "VM");
	fclose(options.trace);
	return supported;
}

static void must_be_equal(const struct program *program, const struct story *made, const struct story *back)
{
	const char *a = made->text, *b = back->text;

	if (made->bytes == back->bytes && !memcmp(a, b, made->bytes) &&
	    !memcmp(&made->digest, &back->digest, sizeof(made->digest)))
		return;
	program_print(program, stderr);
	while (*a && *a == *b) {
		a++;
		b++;
	}
	while (a > made->text && a[-1] != '\n') {
		a--;
		b--;
	}
	fprintf(stderr, "made:         %.*s\nbrought back: %.*s\n", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
	for (unsigned int i = 0; i < DIGEST_PARTS; i++) {
		if (made->digest.part[i] != back->digest.part[i])
			fprintf(stderr, "%s differ\n", digest_part_name(i));
	}
	exit(1);
}

static void compare(struct fresh *fresh, const struct program *program)
{
	static const enum fresh_life lives[] = { FRESH_WHOLE, FRESH_BACK, FRESH_BACK, FRESH_WHOLE };
	struct story first, story;

	if (!run(fresh, program, FRESH_BACK, &first))
		return;
	for (unsigned int i = 0; i < sizeof(lives) / sizeof(lives[0]) && !finding_any(); i++) {
		run(fresh, program, lives[i], &story);
		must_be_equal(program, &first, &story);
		free(story.text);
	}
	free(first.text);
}

int main(int argc, char *argv[])
{
	const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 200;
	const unsigned long nr_ops = argc > 3 ? strtoul(argv[3], NULL, 0) : 48;
	const struct host_config host = { .seed = seed };
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	struct program program;
	struct fresh *fresh;
	unsigned long i;

	program_generate(&program, seed, 1, nr_ops);
	program_machine(&program, &config);
	program_free(&program);
	core = fixture_core(&host, &config, "fresh VMs");
	fresh = fresh_create(core, &config, &host);
	for (i = 0; i < count && !finding_any(); i++) {
		program_generate(&program, seed + i, 1 + i % 3, nr_ops);
		compare(fresh, &program);
		program_free(&program);
	}
	fresh_destroy(fresh);
	printf("seed %" PRIu64 ": %lu programs, each in five VMs\n", seed, i);
	return finding_any() ? 1 : 0;
}
