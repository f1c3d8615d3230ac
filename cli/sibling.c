// SPDX-License-Identifier: GPL-2.0-only
/* sibling.c - commands that need the fibres backend: mmutorture-fibres, which lies beside this program, does them. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/minimize.h"
#include "cli/words.h"
#include "stress/machine.h"

#define SIBLING "mmutorture-fibres"

static int run_sibling(const char *command, int argc, char *const argv[])
{
	char path[PATH_MAX], **words = calloc((size_t)argc + 3, sizeof(*words));

	HOST_ASSERT(words);
	path_from_program(path, "", SIBLING);
	words[0] = path;
	words[1] = (char *)command;
	memcpy(&words[2], argv, (size_t)argc * sizeof(*words));
	fflush(NULL);
	execv(path, words);
	fprintf(stderr, "mmutorture %s: %s: %s\n", command, path, strerror(errno));
	free(words);
	return EXIT_HARNESS;
}

static int hand_minimize_over(int argc, char *const argv[])
{
	return run_sibling("minimize", argc, argv);
}

const struct minimize_scheduled minimize_scheduled = { .hand_over = hand_minimize_over };

int explore_command(int argc, char *const argv[])
{
	return run_sibling("explore", argc, argv);
}

int replay_command(int argc, char *const argv[])
{
	return run_sibling("replay", argc, argv);
}
