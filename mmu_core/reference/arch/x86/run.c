// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - a vCPU in and out of the guest, until something is for userspace.
 *
 * Locking: vcpu.mutex for the whole run.
 * Source:  spec.md 3.13 (requests, in their order).
 */
#include <errno.h>

#include "arch/x86/x86.h"
#include "sync.h"

static void free_obsolete_root(struct mmu_vcpu *vcpu)
{
	bool obsolete;

	if (!(sync_load(&vcpu->requests) & GMM_REQUEST_FREE_OBSOLETE_ROOTS))
		return;
	sync_and(&vcpu->requests, ~(uint32_t)GMM_REQUEST_FREE_OBSOLETE_ROOTS);
	gmm_mmu_lock(vcpu->vm, PT_SHARED);
	obsolete = vcpu->root && vcpu->root->invalid;
	gmm_mmu_unlock(vcpu->vm, PT_SHARED);
	if (obsolete)
		gmm_root_drop(vcpu);
}

int x86_mmu_ready(struct mmu_vcpu *vcpu)
{
	if (sync_load(&vcpu->vm->dead))
		return -EIO;
	sync_and(&vcpu->requests, ~(uint32_t)GMM_REQUEST_LOOK);
	free_obsolete_root(vcpu);
	return vcpu->root ? 0 : gmm_root_load(vcpu);
}

/* An SMI that comes in the mode waits for its end. */
static int take_smi(struct mmu_vcpu *vcpu)
{
	if (!vcpu->smi_pending || vcpu->in_smm)
		return 0;
	vcpu->smi_pending = false;
	x86_smm_enter(vcpu);
	return sync_load(&vcpu->vm->dead) ? -EIO : 0;
}

/* The log is emptied at every exit, so that to make a CPU leave the guest is to get all that it has written down. */
static void drain_log(struct mmu_vcpu *vcpu)
{
	gpa_t gpas[64];
	unsigned int count;
	int index;

	if (!vcpu->vm->config.pml)
		return;
	index = host_srcu_read_lock(vcpu->vm->srcu);
	do {
		count = vcpu->guest_ops->pml_drain(vcpu->guest, gpas, 64);
		for (unsigned int i = 0; i < count; i++) {
			gfn_t gfn = gpas[i] >> MMU_PAGE_SHIFT;
			uint64_t generation;
			struct gmm_slot *slot = gmm_vcpu_slot(vcpu, gfn, &generation);

			if (slot)
				gmm_mark_dirty(vcpu, slot, gfn);
		}
	} while (count == 64);
	host_srcu_read_unlock(vcpu->vm->srcu, index);
}

/* False: there is something to do before the guest may run. */
static bool enter(struct mmu_vcpu *vcpu, struct mmu_guest_exit *exit)
{
	const struct mmu_vm *vm = vcpu->vm;
	struct mmu_guest_context context = {
		.root = (mmu_hpa_t)vcpu->root->tree.root->pfn << MMU_PAGE_SHIFT,
		.root_level = vm->format.levels,
		.paging = vm->config.paging,
		.accessed_dirty = vm->format.hardware_accessed,
		.in_smm = vcpu->in_smm,
	};

	if (!gmm_enter_begin(vcpu))
		return false;
	context.pml = vm->config.pml && sync_load(&vm->slots_logged);
	context.emulated = vcpu->mmio.completed;
	context.emulated_value = vcpu->mmio.value;
	vcpu->mmio.completed = false;
	vcpu->guest_ops->enter(vcpu->guest, &context, exit);
	gmm_enter_end(vcpu);
	drain_log(vcpu);
	return true;
}

/* Userspace has been shown an access to where no memory is, and has done it. */
static void complete_mmio(struct mmu_vcpu *vcpu, const struct mmu_run *run)
{
	if (!vcpu->mmio.outstanding)
		return;
	vcpu->mmio.outstanding = false;
	vcpu->mmio.completed = true;
	vcpu->mmio.value = vcpu->mmio.read ? run->value : 0;
}

static int run_locked(struct mmu_vcpu *vcpu, struct mmu_run *run)
{
	struct mmu_guest_exit exit;
	int result;

	complete_mmio(vcpu, run);
	*run = (struct mmu_run){ .reason = MMU_RUN_DONE };
	do {
		if (!sync_load(&vcpu->vm->dead) && sync_exchange(&vcpu->kicked, 0u)) {
			run->reason = MMU_RUN_INTERRUPTED;
			return -EINTR;
		}
		result = take_smi(vcpu);
		if (!result)
			result = x86_mmu_ready(vcpu);
		if (result == -EIO)
			run->reason = MMU_RUN_INTERNAL_ERROR;
		if (result)
			return result;
		if (gmm_ring_is_full(vcpu)) {
			run->reason = MMU_RUN_DIRTY_RING_FULL;
			return 0;
		}
		result = enter(vcpu, &exit) ? x86_handle_exit(vcpu, &exit, run) : 1;
	} while (result > 0);
	return result;
}

int x86_vcpu_run(struct mmu_vcpu *vcpu, struct mmu_run *run)
{
	int result;

	gmm_lock(&vcpu->mutex, &gmm_vcpu_class);
	result = run_locked(vcpu, run);
	gmm_unlock(&vcpu->mutex);
	return result;
}
