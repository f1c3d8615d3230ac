// SPDX-License-Identifier: GPL-2.0-only
/*
 * prefaulter.c - maps guest memory ahead of use (KVM_PRE_FAULT_MEMORY), in slots and past their ends.
 *
 * Two things that kernels up to 6.14 do not look after have to be looked after here (docs/FINDINGS.md): the ioctl never
 * drops a root that has been invalidated, and tries for ever until a signal comes; so the guest is mostly entered once
 * before.  And it marks pages dirty without asking whether the dirty ring has room; so a ring is emptied first, and the
 * range is smaller than what KVM keeps in reserve.
 */
#include "stress/driver.h"

#define STRAIGHT_ONE_IN 16
#define RING_NPAGES_MAX 256

static bool no_access(void *context, struct guest_access *access)
{
	return false;
}

void role_prefaulter(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;
	gpa_t gpa = layout_pick_gpa(0) & ~(gpa_t)(MMU_PAGE_SIZE - 1);
	struct layout_range range =
		layout_pick_range(1024, stress->dirty == STRESS_DIRTY_RING ? RING_NPAGES_MAX : 1024);

	if (stress->dirty == STRESS_DIRTY_RING)
		world_ring_collect(stress->world);
	if (!one_in(STRAIGHT_ONE_IN))
		world_vcpu_run_program(worker_vcpu(worker), &(struct access_source){ .next = no_access }, false);
	world_prefault(worker_vcpu(worker), gpa, range.npages << MMU_PAGE_SHIFT);
}
