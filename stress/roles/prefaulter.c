// SPDX-License-Identifier: GPL-2.0-only
/*
 * prefaulter.c - maps guest memory ahead of use (KVM_PRE_FAULT_MEMORY), in slots and past their ends.
 */
#include "stress/driver.h"

void role_prefaulter(struct stress_worker *worker)
{
	gpa_t gpa = layout_pick_gpa(0) & ~(gpa_t)(MMU_PAGE_SIZE - 1);
	struct layout_range range = layout_pick_range(1024, 1024);

	world_prefault(worker_vcpu(worker), gpa, range.npages << MMU_PAGE_SHIFT);
}
