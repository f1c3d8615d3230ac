/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host_child.h - a function in a process of its own that has a host: for what ends the process.
 *
 * Children are made while there is one thread only.
 */
#ifndef TESTS_UNIT_HOST_CHILD_H
#define TESTS_UNIT_HOST_CHILD_H

#include <sys/wait.h>
#include <unistd.h>

#include "host_check.h"

/* How it ends, and in @output what it has printed as errors. */
static inline int in_child(void (*function)(void), char *output, size_t bytes)
{
	size_t used = 0;
	ssize_t got;
	int pipes[2], status;
	pid_t child;

	CHECK(!pipe(pipes));
	fflush(stdout);
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		dup2(pipes[1], STDERR_FILENO);
		CHECK(!host_init(&(struct host_config){ .seed = 1 }));
		function();
		_exit(0);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], output + used, bytes - 1 - used)) > 0)
		used += (size_t)got;
	output[used] = 0;
	close(pipes[0]);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The same of what a report ends: exit code 1 (66: TSan saw it end inside a lock). */
static inline void ends_the_process(void (*function)(void), char *output, size_t bytes)
{
	int status = in_child(function, output, bytes);

	CHECK(status == 1 || status == 66);
}

#endif
