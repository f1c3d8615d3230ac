// SPDX-License-Identifier: GPL-2.0-only
/*
 * attempt.c - runs that may be given up from wherever they are: on any stack, in a signal handler, with anything held.
 *
 * What is left of such a run is only fit for a snapshot to be written over it.
 */
#include <setjmp.h>

#include "fibre.h"

static HOST_OUTLIVES_RUNS jmp_buf before;
static HOST_OUTLIVES_RUNS bool attempting, abandoned;

bool host_attempt(void (*function)(void *argument), void *argument)
{
	HOST_ASSERT(!this_cpu->number && !attempting);
	attempting = true;
	if (!setjmp(before))
		function(argument);
	attempting = false;
	if (!abandoned)
		return true;
	abandoned = false;
	return false;
}

bool host_attempting(void)
{
	return attempting;
}

void host_attempt_abandon(void)
{
	HOST_ASSERT(attempting);
	abandoned = true;
	if (this_cpu->number)
		fibre_switch_to(&host_cpus[0]);
	longjmp(before, 1);
}

/* On the stack of CPU 0, which has been asleep meanwhile. */
void attempt_end_if_abandoned(void)
{
	if (unlikely(abandoned) && !this_cpu->number)
		longjmp(before, 1);
}
