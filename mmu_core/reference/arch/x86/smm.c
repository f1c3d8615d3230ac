// SPDX-License-Identifier: GPL-2.0-only
/*
 * smm.c - into system-management mode and out of it.
 *
 * The mode sees other memory, so the vCPU needs another root, and what it remembered of slots is void.
 * The state is saved after the switch, hence in the slots of the mode; a VM without memory there is dead.  It is loaded
 * from there, too: a vCPU that finds nothing shuts down, and stays in the mode.  Of the state only SMBASE is more than
 * zeros here; who changes it there moves the area for the next time.
 * Source: spec.md S0.8.
 */
#include <string.h>

#include "arch/x86/x86.h"
#include "sync.h"

#define SMBASE_AT_RESET 0x30000
#define SAVE_AREA 0xfe00 /* from SMBASE */
#define SAVE_AREA_BYTES 512
#define SAVED_SMBASE 0x100 /* APM vol. 2, 10.2.3 "SMRAM State-Save Area", in a machine with long mode */

void x86_smm_reset(struct mmu_vcpu *vcpu)
{
	vcpu->smbase = SMBASE_AT_RESET;
}

static void switch_mode(struct mmu_vcpu *vcpu, bool in_smm)
{
	vcpu->in_smm = in_smm;
	gmm_role_set(vcpu, vcpu->vm->arch->role(vcpu));
}

/* The slot of the save area as the vCPU would find it, and where in the process; NULL: none that is good for @write. */
static struct gmm_slot *find_area(struct mmu_vcpu *vcpu, bool write, hva_t *hva)
{
	const gpa_t gpa = vcpu->smbase + SAVE_AREA;
	const gfn_t gfn = gpa >> MMU_PAGE_SHIFT;
	uint64_t generation;
	struct gmm_slot *slot = gmm_vcpu_slot(vcpu, gfn, &generation);

	if (!slot || (slot->flags & (GMM_SLOT_INVALID | (write ? MMU_SLOT_READONLY : 0))))
		return NULL;
	*hva = slot->hva + ((gfn - slot->base) << MMU_PAGE_SHIFT) + gpa % MMU_PAGE_SIZE;
	return slot;
}

/* As the vCPU would write it: through its slots, logged. */
static bool save_state(struct mmu_vcpu *vcpu)
{
	uint8_t state[SAVE_AREA_BYTES] = { 0 };
	struct mmu_vm *vm = vcpu->vm;
	int index = host_srcu_read_lock(vm->srcu);
	hva_t hva;
	struct gmm_slot *slot = find_area(vcpu, true, &hva);
	bool saved;

	memcpy(&state[SAVED_SMBASE], &vcpu->smbase, sizeof(vcpu->smbase));
	saved = slot && !host_mm_write(vm->vm_config.mm, hva, state, sizeof(state));
	if (saved)
		gmm_mark_dirty(vcpu, slot, (vcpu->smbase + SAVE_AREA) >> MMU_PAGE_SHIFT);
	host_srcu_read_unlock(vm->srcu, index);
	return saved;
}

static bool load_state(struct mmu_vcpu *vcpu)
{
	uint8_t state[SAVE_AREA_BYTES];
	struct mmu_vm *vm = vcpu->vm;
	int index = host_srcu_read_lock(vm->srcu);
	hva_t hva;
	bool loaded = find_area(vcpu, false, &hva) && !host_mm_read(vm->vm_config.mm, hva, state, sizeof(state));

	host_srcu_read_unlock(vm->srcu, index);
	if (loaded)
		memcpy(&vcpu->smbase, &state[SAVED_SMBASE], sizeof(vcpu->smbase));
	return loaded;
}

void x86_smm_enter(struct mmu_vcpu *vcpu)
{
	switch_mode(vcpu, true);
	if (save_state(vcpu))
		return;
	sync_store(&vcpu->vm->dead, true);
	gmm_request_all(vcpu->vm, GMM_REQUEST_LOOK);
}

bool x86_smm_leave(struct mmu_vcpu *vcpu)
{
	if (!load_state(vcpu))
		return false;
	switch_mode(vcpu, false);
	return true;
}
