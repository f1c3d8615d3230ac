// SPDX-License-Identifier: GPL-2.0-only
/*
 * prefaulter.c - maps guest memory ahead of use (KVM_PRE_FAULT_MEMORY), in slots and past their ends.
 *
 * Kernels do not look whether the dirty ring has room for what a pre-fault marks dirty (docs/FINDINGS.md): a ring is
 * emptied first, and the range is smaller than what KVM keeps in reserve.
 */
#include "stress/driver.h"

#define RING_NPAGES_MAX 256

void role_prefaulter(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;
	gpa_t gpa = layout_pick_gpa(0) & ~(gpa_t)(MMU_PAGE_SIZE - 1);
	struct layout_range range =
		layout_pick_range(1024, stress->dirty == STRESS_DIRTY_RING ? RING_NPAGES_MAX : 1024);

	if (stress->dirty == STRESS_DIRTY_RING)
		world_ring_collect(stress->world);
	world_prefault(worker_vcpu(worker), gpa, range.npages << MMU_PAGE_SHIFT);
}
