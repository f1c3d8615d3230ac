// SPDX-License-Identifier: GPL-2.0-only
/*
 * nx.c - the NX huge-page mitigation: recovery passes, and rarely a toggle, which zaps everything.
 */
#include "stress/driver.h"

void role_nx(struct stress_worker *worker)
{
	struct world *world = worker->stress->world;

	if (one_in(16))
		world_nx_set(world, one_in(2) ? MMU_NX_FORCE : MMU_NX_OFF);
	else
		world_nx_recover(world);
	worker_count_zap(worker);
}
