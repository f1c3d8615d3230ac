/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - the few words that a unit test needs.
 *
 * A test is a function without arguments; RUN() prints its name once it is over, and a CHECK() that does not hold
 * prints its place and ends the process.
 */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                      \
	((condition) ? (void)0                \
		     : (void)(fflush(stdout), \
			      fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition), exit(1)))

#define RUN(test) (test(), (void)printf("%s ok\n", #test), (void)fflush(stdout))

#endif
