// SPDX-License-Identifier: GPL-2.0-only
/*
 * pressure.c - leaves the core less memory for its tables: the shrinker, and the limit on shadow pages.
 */
#include "stress/driver.h"

#define PAGES_LIMIT_MIN 64 /* KVM takes no smaller one */

void role_pressure(struct stress_worker *worker)
{
	struct world *world = worker->stress->world;

	if (one_in(4))
		world_pages_limit(world, PAGES_LIMIT_MIN + pick(1024) - (one_in(16) ? PAGES_LIMIT_MIN : 0));
	else
		world_shrink(world, 1 + pick(128));
}
