/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmm.h - what userspace and a guest do with a VM of any design of visibility: userspace says which memory is seen in
 * which modes, each design in its own words; the guest accesses it, by walking the tables as the CPU would.
 *
 * Units:   gfns and npages in pages.
 * Locking: a vCPU is its thread's; regions are changed by one thread at a time.
 */
#ifndef TESTS_UNIT_REFERENCE_VMM_H
#define TESTS_UNIT_REFERENCE_VMM_H

#include "adapter/adapter.h"
#include "gmm/visibility.h"

#define PAGES(n) ((uint64_t)(n) << MMU_PAGE_SHIFT)

struct vmm {
	struct mmu_vm *vm;
	struct host_mm *mm;
	enum vis_role role; /* with 2 bits: how it says the mode */
	uint16_t next_id;
};

/* With 1 bit an x86 machine and its system-management mode; with 2 an architecture that has just the modes. */
void vmm_begin(struct vmm *vmm, struct host_mm *mm, enum vis_backend backend, unsigned int bits);
void vmm_end(struct vmm *vmm);

struct vmm_region {
	gfn_t base;
	uint64_t npages;
	unsigned int modes; /* in which it is seen: bit m for mode m */
	hva_t hva;
	uint32_t flags; /* MMU_SLOT_READONLY, MMU_SLOT_LOG_DIRTY */
};

/* -EEXIST: a mode would see two; -EOPNOTSUPP: the design cannot say that; -ENOMEM.  Then nothing has changed. */
int vmm_add(struct vmm *vmm, const struct vmm_region *region);
/* All that was added with these gfns. */
void vmm_remove(struct vmm *vmm, gfn_t base, uint64_t npages);
/* The logs of all slots that have one, as pages of the process: each hva that was written, perhaps more than once. */
void vmm_harvest(struct vmm *vmm, void (*visitor)(void *context, hva_t hva), void *context);

struct vmm_cpu {
	struct vmm *vmm;
	struct mmu_vcpu *vcpu;
	/* Of the access that is under way. */
	gfn_t gfn;
	uint32_t access;
	bool leave_mode;
	mmu_pfn_t reached;
	/* In the guest, at a translation that permits the access; NULL: nothing to do there. */
	void (*in_guest)(struct vmm_cpu *cpu);
};

void vmm_cpu_begin(struct vmm_cpu *cpu, struct vmm *vmm, uint64_t id);
/* By SMI and RSM on x86; there has to be memory for the state. */
void vmm_mode(struct vmm_cpu *cpu, unsigned int mode);
/* The page that is read, written or executed; MMU_NO_PFN: userspace emulates it. */
mmu_pfn_t vmm_access(struct vmm_cpu *cpu, gfn_t gfn, uint32_t access);

#endif
