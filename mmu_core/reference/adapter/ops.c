// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - the table of operations; those that are one call deep stand here.
 */
#include <errno.h>

#include "adapter/adapter.h"
#include "sync.h"

static const char *version(void)
{
	return "1";
}

static void vcpu_kick(struct mmu_vcpu *vcpu)
{
	sync_exchange(&vcpu->kicked, 1u);
	if (sync_load(&vcpu->mode) != GMM_OUTSIDE)
		host_ipi_send(__atomic_load_n(&vcpu->cpu, __ATOMIC_RELAXED), NULL, NULL, false);
}

int reference_vcpu_smi(struct mmu_vcpu *vcpu)
{
	if (reference_is_dead(vcpu->vm))
		return -EIO;
	/* The mode would have no slots (spec.md S0.2). */
	if (!vcpu->vm->vis.bits)
		return -EINVAL;
	gmm_lock(&vcpu->mutex, &gmm_vcpu_class);
	vcpu->smi_pending = true;
	gmm_unlock(&vcpu->mutex);
	return 0;
}

static int vcpu_fault(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed)
{
	int result;

	gmm_lock(&vcpu->mutex, &gmm_vcpu_class);
	result = x86_mmu_ready(vcpu);
	if (!result)
		result = gmm_fault(vcpu, gpa, access, allowed, false, NULL);
	gmm_unlock(&vcpu->mutex);
	return result;
}

static int vcpu_prefault(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes)
{
	return reference_is_dead(vcpu->vm) ? -EIO : x86_vcpu_prefault(vcpu, gpa, bytes);
}

static int slot_set(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	return reference_is_dead(vm) ? -EIO : gmm_slot_set_request(vm, request, false);
}

static int slot_set_v1(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	return reference_is_dead(vm) ? -EIO : gmm_slot_set_request(vm, request, true);
}

static int attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags)
{
	return reference_is_dead(vm) ? -EIO : gmm_attributes_set(vm, gpa, bytes, attributes, flags);
}

static int gmem_create_op(struct mmu_vm *vm, uint64_t bytes, uint64_t flags)
{
	return reference_is_dead(vm) ? -EIO : gmem_create(vm, bytes, flags);
}

static int dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap)
{
	return reference_is_dead(vm) ? -EIO : gmm_dirty_get(vm, as_id, id, bitmap);
}

static int dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
		       const uint64_t *bitmap)
{
	return reference_is_dead(vm) ? -EIO : gmm_dirty_clear(vm, as_id, id, first, npages, bitmap);
}

static int ring_reset(struct mmu_vm *vm)
{
	return reference_is_dead(vm) ? -EIO : gmm_ring_reset(vm);
}

const struct mmu_core_ops reference_core = {
	.name = "reference",
	.summary = "our own, to be read; needs no kernel tree",
	.features = MMU_FEATURE_ATTRIBUTES | MMU_FEATURE_GMEM | MMU_FEATURE_PREFAULT,
	.plants = reference_plants,
	.plant = reference_set_plant,

	.init = reference_init,
	.version = version,

	.vm_create = reference_vm_create,
	.vm_destroy = reference_vm_destroy,
	.vcpu_create = reference_vcpu_create,
	.address_spaces = reference_address_spaces,
	.cap_enable = reference_cap_enable,

	.vcpu_run = x86_vcpu_run,
	.vcpu_kick = vcpu_kick,
	.vcpu_smi = reference_vcpu_smi,
	.vcpu_fault = vcpu_fault,
	.vcpu_prefault = vcpu_prefault,

	.slot_set = slot_set,
	.slot_set_v1 = slot_set_v1,
	.attributes_set = attributes_set,
	.gmem_create = gmem_create_op,
	.gmem_fallocate = gmem_fallocate,
	.gmem_error = gmem_error,
	.gmem_close = gmem_close,
	.gmem_id = gmem_id,

	.dirty_get = dirty_get,
	.dirty_clear = dirty_clear,
	.ring_harvest = gmm_ring_harvest,
	.ring_reset = ring_reset,

	.nx_set = reference_nx_set,
	.eager_split_set = reference_eager_split_set,
	.nx_recover = reference_nx_recover,
	.pages_limit = reference_pages_limit,
	.shrink = reference_shrink,

	.uapi = reference_uapi,

	.for_each_root = reference_for_each_root,
	.for_each_table = reference_for_each_table,
	.for_each_entry = reference_for_each_entry,
	.for_each_slot = reference_for_each_slot,
	.counter = reference_counter,
	.vcpu_view = reference_vcpu_view,
	.slot_dirty_word = reference_slot_dirty_word,
	.frame_mixed = reference_frame_mixed,
	.attributes = gmm_attributes,
	.spoil = reference_spoil,
};
