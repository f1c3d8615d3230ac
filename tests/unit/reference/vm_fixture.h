/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm_fixture.h - a VM of the reference core for tests that look inside: memory at HVA, a vCPU whose guest does nothing.
 */
#ifndef TESTS_UNIT_REFERENCE_VM_FIXTURE_H
#define TESTS_UNIT_REFERENCE_VM_FIXTURE_H

#include "../host_check.h"
#include "adapter/adapter.h"
#include "no_tlb.h"

#define HVA HOST_HVA_BASE

static struct host_mm *mm;
static struct mmu_vm *vm;
static struct mmu_vcpu *vcpu;
static uint64_t live_before;

static void enter(void *guest, const struct mmu_guest_context *context, struct mmu_guest_exit *exit)
{
	(void)guest, (void)context;
	exit->reason = MMU_EXIT_DONE;
}

static inline void vm_core(void)
{
	const struct mmu_core_config machine = {
		.paging = MMU_PAGING_NPT, .root_level = 4, .maxphyaddr = 46, .level_max = 3, .tdp = true
	};

	CHECK(!reference_init(&machine));
}

/* Host, core, and the planted bug that the test is told to have. */
static inline void vm_start(int argc, char *argv[])
{
	const struct host_config host = { .seed = 7 };

	host_start(&host);
	CHECK(argc == 1 || !reference_set_plant(argv[1]));
	vm_core();
}

static inline void vm_begin(enum mmu_vm_type type, uint64_t npages)
{
	const struct host_mm_area area = { .start = HVA, .npages = npages, .level_max = 1, .writable = true };
	struct mmu_vm_config config = { .type = type };

	live_before = host_alloc_live();
	mm = host_mm_create();
	CHECK(mm && !host_mm_area_add(mm, &area));
	config.mm = mm;
	CHECK(!reference_vm_create(&config, &vm) && !reference_vcpu_create(vm, 0, &ops, NULL, &vcpu));
}

static inline void vm_end(void)
{
	reference_vm_destroy(vm);
	host_mm_destroy(mm);
	host_rcu_barrier();
	CHECK(host_alloc_live() == live_before && !host_pages_live(HOST_PAGE_CORE));
	CHECK(!reports_total());
}

#endif
