/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86.h - what an x86 machine adds: roles, the NX mitigation, system-management mode, and the CPU's entries and exits.
 */
#ifndef MMU_REFERENCE_ARCH_X86_H
#define MMU_REFERENCE_ARCH_X86_H

#include "gmm/gmm.h"

extern const struct gmm_arch x86_arch;

/* role.c */
uint32_t x86_role(const struct mmu_vcpu *vcpu);
unsigned int x86_mode_of_role(uint32_t role);

/* nx.c */
extern bool x86_nx_huge_pages; /* policy of all VMs: a relaxed atomic */
enum x86_table_flags {
	X86_NX_SPLIT = 1 << 0, /* would be one leaf but for the mitigation */
	X86_NX_LISTED = 1 << 1,
};
bool x86_nx_enabled(const struct mmu_vm *vm);
void x86_nx_adjust_level(struct gmm_fault *fault, struct pt_mapping *mapping, const struct pt_iter *iter);
void x86_nx_before_link(struct gmm_fault *fault, struct pt_table *table);
void x86_nx_after_link(struct gmm_fault *fault, struct pt_table *table);
void x86_nx_unlinked(struct mmu_vm *vm, struct pt_table *table);
void x86_nx_recover(struct mmu_vm *vm); /* one pass, over all that is on the list */

/* smm.c */
void x86_smm_reset(struct mmu_vcpu *vcpu);
void x86_smm_enter(struct mmu_vcpu *vcpu);
bool x86_smm_leave(struct mmu_vcpu *vcpu); /* false: there is no state to go back to */

/* run.c, exit.c */
int x86_vcpu_run(struct mmu_vcpu *vcpu, struct mmu_run *run);
int x86_vcpu_prefault(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes);
/* The MMU as the vCPU's mode wants it; -ENOMEM, -EIO. */
int x86_mmu_ready(struct mmu_vcpu *vcpu);
/* 1: back into the guest; 0 or -errno: to userspace, with @run filled in. */
int x86_handle_exit(struct mmu_vcpu *vcpu, const struct mmu_guest_exit *exit, struct mmu_run *run);

#endif
