// SPDX-License-Identifier: GPL-2.0-only
/* words.c - what several commands say. */
#include "cli/words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stress/machine.h"
#include "stress/option_parser.h"

#define LINE_EVERY_TTY_NS 250000000ULL
#define LINE_EVERY_LOG_NS 5000000000ULL

bool command_begin(const struct option_table *table, int argc, char *const argv[], void *options, int *words,
		   int *result)
{
	int count = words ? option_words(argc, argv) : 0;

	*result = EXIT_USAGE;
	switch (option_parse(table, argc - count, argv + count, options, stderr)) {
	case OPTION_PARSED:
		if (words)
			*words = count;
		return true;
	case OPTION_HELP:
		option_print_help(table, stdout);
		*result = EXIT_OK;
		break;
	case OPTION_BAD:
		break;
	}
	return false;
}

void path_from_program(char *path, const char *directory, const char *name)
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t used;

	HOST_ASSERT(length > 0);
	path[length] = 0;
	used = (size_t)(strrchr(path, '/') + 1 - path);
	snprintf(path + used, PATH_MAX - used, "%s%s", directory, name);
}

void child_begin(pid_t parent)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_HARNESS);
}

void child_begin_quietly(pid_t parent)
{
	int nowhere = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; nowhere >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nowhere, fd);
	child_begin(parent);
}

int child_wait(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		HOST_ASSERT(errno == EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_HARNESS;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool live_line_due(uint64_t *shown_ns, bool last)
{
	uint64_t now = now_ns();

	if (!last && now - *shown_ns < (isatty(STDOUT_FILENO) ? LINE_EVERY_TTY_NS : LINE_EVERY_LOG_NS))
		return false;
	*shown_ns = now;
	return true;
}

const char *live_line_begin(void)
{
	return isatty(STDOUT_FILENO) ? "\r" : "";
}

const char *live_line_end(bool last)
{
	if (!isatty(STDOUT_FILENO))
		return "\n";
	return last ? "\033[K\n" : "\033[K";
}

static void warn_if_differs(const char *what, const char *found, const char *here)
{
	if (*found && strcmp(found, here))
		fprintf(stderr, "warning: the program was found on %s '%s', this is '%s'\n", what, found, here);
}

void origin_tell(const struct program *program, const struct mmu_core_ops *core)
{
	warn_if_differs("core", program->origin.core, core->name);
	warn_if_differs("kernel", program->origin.kernel, core->version());
	warn_if_differs("flavour", program->origin.flavour, MMUTORTURE_FLAVOUR);
}

void origin_set(struct program *program, const struct mmu_core_ops *core, uint64_t seed, const char *finding)
{
	struct program_origin *origin = &program->origin;

	*origin = (struct program_origin){ .seed = seed };
	snprintf(origin->core, sizeof(origin->core), "%s", core->name);
	snprintf(origin->kernel, sizeof(origin->kernel), "%s", core->version());
	snprintf(origin->flavour, sizeof(origin->flavour), "%s", MMUTORTURE_FLAVOUR);
	snprintf(origin->finding, sizeof(origin->finding), "%s", finding);
}
