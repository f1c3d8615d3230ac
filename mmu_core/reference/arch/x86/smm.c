// SPDX-License-Identifier: GPL-2.0-only
/*
 * smm.c - into system-management mode and out of it.
 *
 * The mode has an address space of its own, so the vCPU needs another root, and what it remembered of slots is void.
 * The state is saved after the switch, hence in the slots of the mode; a VM without memory there is dead.
 * Source: spec.md S0.8.
 */
#include "arch/x86/x86.h"
#include "sync.h"

#define SMBASE 0x30000
#define SAVE_AREA (SMBASE + 0xfe00)
#define SAVE_AREA_BYTES 512

static void switch_mode(struct mmu_vcpu *vcpu, bool in_smm)
{
	gmm_root_drop(vcpu);
	vcpu->in_smm = in_smm;
	vcpu->role = vcpu->vm->arch->role(vcpu);
	vcpu->last_slot = NULL;
}

/* As the vCPU would write it: through its slots, logged. */
static bool save_state(struct mmu_vcpu *vcpu)
{
	static const uint8_t state[SAVE_AREA_BYTES];
	struct mmu_vm *vm = vcpu->vm;
	int index = host_srcu_read_lock(vm->srcu);
	gfn_t gfn = SAVE_AREA >> MMU_PAGE_SHIFT;
	uint64_t generation;
	struct gmm_slot *slot = gmm_vcpu_slot(vcpu, gfn, &generation);
	bool saved = false;

	if (slot && !(slot->flags & (GMM_SLOT_INVALID | MMU_SLOT_READONLY))) {
		hva_t hva = slot->hva + ((gfn - slot->base) << MMU_PAGE_SHIFT) + SAVE_AREA % MMU_PAGE_SIZE;

		saved = !host_mm_write(vm->vm_config.mm, hva, state, sizeof(state));
		if (saved)
			gmm_mark_dirty(vcpu, slot, gfn);
	}
	host_srcu_read_unlock(vm->srcu, index);
	return saved;
}

void x86_smm_enter(struct mmu_vcpu *vcpu)
{
	switch_mode(vcpu, true);
	if (save_state(vcpu))
		return;
	sync_store(&vcpu->vm->dead, true);
	gmm_request_all(vcpu->vm, GMM_REQUEST_LOOK);
}

void x86_smm_leave(struct mmu_vcpu *vcpu)
{
	switch_mode(vcpu, false);
}
