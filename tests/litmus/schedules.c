// SPDX-License-Identifier: GPL-2.0-only
/*
 * schedules.c - a litmus test on fibres: first as it goes by itself, then under schedules of two policies.
 *
 * In a row the locks of two threads order what comes before and behind them, so that a race may hide; under another
 * schedule it does not.  Each runs in a process of its own: what TSan has reported once it would not report again.
 * There is a host from then on only (cli/lab.c: TSan is blind in children of a process that has fibres).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/schedule/schedule.h"
#include "schedules.h"

#define SCHEDULES 20
#define RACE 66 /* TSan's exit code */
#define POINTS_MAX 1000000 /* far from what any of them takes */

static struct schedule_record record;

/* @number 0: nobody decides. */
static void run_pair(unsigned int number)
{
	static const struct policy_settings random = { .one_in = 3 }, pct = { .depth = 3 };
	static const struct schedule_options options = { .points_max = POINTS_MAX };
	const struct host_config config = { .seed = 1 };
	struct schedule schedule;

	HOST_ASSERT(!host_init(&config));
	if (!number) {
		litmus_pair();
		return;
	}
	schedule_init(&schedule, number % 2 ? policy_create(POLICY_RANDOM, &random) : policy_create(POLICY_PCT, &pct),
		      &options, &record);
	schedule_plan(&schedule, number / 2, number);
	schedule_begin(&schedule);
	litmus_pair();
	schedule_end(&schedule);
	schedule_free(&schedule);
	policy_destroy(schedule.policy);
}

/* The first report that there is goes to stderr, in full. */
static int run_in_child(unsigned int number, bool quiet)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	HOST_ASSERT(child >= 0);
	if (!child) {
		HOST_ASSERT(!quiet || dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) >= 0);
		run_pair(number);
		exit(0);
	}
	HOST_ASSERT(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

int main(void)
{
	unsigned int races = 0;

	for (unsigned int number = 0; number <= SCHEDULES; number++) {
		int status = run_in_child(number, races > 0);

		if (status && status != RACE) {
			fprintf(stderr, "schedule %u: exit code %d\n", number, status);
			return status;
		}
		races += status == RACE;
	}
	printf("a race under %u of %u schedules\n", races, SCHEDULES + 1);
	return races == SCHEDULES + 1 ? RACE : races ? 1 : 0;
}
