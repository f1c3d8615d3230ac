// SPDX-License-Identifier: GPL-2.0-only
/*
 * script.c - commands that a script does, as git's are: what reads findings needs SQLite, and the program does not.
 *
 * Installed scripts lie in ../libexec/mmutorture-VERSION from here; a build tree uses those of its source.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "stress/machine.h"

#define INSTALLED "../libexec/mmutorture-" MMUTORTURE_VERSION

static int run_script(const char *script, int argc, char *const argv[])
{
	char path[PATH_MAX], **words = calloc((size_t)argc + 2, sizeof(*words));

	HOST_ASSERT(words);
	path_from_program(path, INSTALLED "/", script);
	if (access(path, X_OK))
		snprintf(path, sizeof(path), "%s/%s", MMUTORTURE_SCRIPTS, script);
	words[0] = path;
	memcpy(&words[1], argv, (size_t)argc * sizeof(*words));
	fflush(NULL);
	execv(path, words);
	fprintf(stderr, "mmutorture: %s: %s\n", path, strerror(errno));
	free(words);
	return EXIT_HARNESS;
}

int findings_command(int argc, char *const argv[])
{
	return run_script("findings", argc, argv);
}

int report_command(int argc, char *const argv[])
{
	return run_script("report", argc, argv);
}
