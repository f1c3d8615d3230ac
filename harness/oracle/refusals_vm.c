// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusals_vm.c - conditions of refusals.def about VMs, vCPUs, capabilities, dirty logs and raw arguments.
 *
 * Source: spec.md O-3, O-5, O-6, O-70 to O-72; virt/kvm/kvm_main.c, arch/x86/kvm/x86.c.
 */
#include "harness/oracle/refusals_parts.h"

#define VCPU_IDS_MAX 4096 /* KVM_MAX_VCPU_IDS: 1024 vCPUs, four ids for each */
#define RING_BYTES_MIN 4096
#define RING_BYTES_MAX (65536 * 16) /* KVM_DIRTY_RING_MAX_ENTRIES of struct kvm_dirty_gfn */
#define USER_SLOTS 32764 /* KVM_USER_MEM_SLOTS */
#define MMU_PAGES_MIN 64 /* KVM_MIN_ALLOC_MMU_PAGES */

/* Quirks that every kernel from 6.1 on has, and that none has. */
#define QUIRKS_OLD ((uint64_t)0x7f)
#define QUIRKS_NEVER (~(uint64_t)0xffff)

bool refusal_vm_is_dead(const struct refusal *refusal)
{
	return refusal->exact && MODEL_GET(refusal->world->dead);
}

/* Another thread's vCPU may be the one that it dies of. */
bool refusal_vm_may_be_dead(const struct refusal *refusal)
{
	return !refusal->world->alone && MODEL_GET(refusal->world->smis);
}

bool refusal_smm_may_go_wrong(const struct refusal *refusal)
{
	return MODEL_GET(refusal->world->smis);
}

bool refusal_ring_is_overrun(const struct refusal *refusal)
{
	return refusal->world->ring_overrun;
}

bool refusal_no_slot(const struct refusal *refusal)
{
	return !refusal->world->slot_npages;
}

bool refusal_vcpu_may_be_interrupted(const struct refusal *refusal)
{
	return !refusal->exact || refusal->vcpu->kicks || refusal->world->poisons;
}

bool refusal_allocation_failed(const struct refusal *refusal)
{
	return host_alloc_failures() != refusal->failures;
}

/* ------------------------------------------------------------------------------------------------------------ vCPUs */

/* However many bits of it a kernel looks at. */
bool refusal_vcpu_id_large(const struct refusal *refusal)
{
	return (uint32_t)refusal->value >= VCPU_IDS_MAX;
}

bool refusal_vcpu_exists(const struct refusal *refusal)
{
	const struct world *world = refusal->world;

	for (unsigned int i = 0; i < world->vcpus; i++) {
		if (world->vcpu[i]->id == (uint32_t)refusal->value)
			return true;
	}
	return false;
}

bool refusal_vcpu_id_cut(const struct refusal *refusal)
{
	return refusal->value >> 32;
}

bool refusal_vcpu_id_cut_exists(const struct refusal *refusal)
{
	return refusal_vcpu_id_cut(refusal) && refusal_vcpu_exists(refusal);
}

/* ----------------------------------------------------------------------------------------------------- capabilities */

bool refusal_cap_manual(const struct refusal *refusal)
{
	uint64_t allowed = refusal->value & MMU_DIRTY_MANUAL ? MMU_DIRTY_MANUAL | MMU_DIRTY_INITIALLY_SET : 0;

	return refusal->cap == MMU_CAP_MANUAL_DIRTY_LOG_PROTECT && (refusal->value & ~allowed);
}

/* The argument is cut to 32 bits. */
bool refusal_cap_ring_size(const struct refusal *refusal)
{
	uint32_t bytes = (uint32_t)refusal->value;

	return refusal->cap == MMU_CAP_DIRTY_LOG_RING && (bytes < RING_BYTES_MIN || (bytes & (bytes - 1)));
}

bool refusal_cap_ring_large(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DIRTY_LOG_RING && (uint32_t)refusal->value > RING_BYTES_MAX;
}

bool refusal_cap_ring_late(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DIRTY_LOG_RING && refusal->world->vcpus;
}

bool refusal_cap_ring_with_bitmap(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP;
}

bool refusal_cap_nx(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DISABLE_NX_HUGE_PAGES && (refusal->value || refusal->world->vcpus);
}

bool refusal_cap_no_quirk(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DISABLE_QUIRKS && (refusal->value & QUIRKS_NEVER);
}

bool refusal_cap_new_quirk(const struct refusal *refusal)
{
	return refusal->cap == MMU_CAP_DISABLE_QUIRKS && (refusal->value & ~QUIRKS_OLD);
}

bool refusal_too_few_pages(const struct refusal *refusal)
{
	return refusal->value < MMU_PAGES_MIN;
}

/* ------------------------------------------------------------------------------------------------------- dirty logs */

bool refusal_ring_in_use(const struct refusal *refusal)
{
	return refusal->world->vm_config.dirty_ring_bytes;
}

bool refusal_no_ring(const struct refusal *refusal)
{
	return !refusal->world->vm_config.dirty_ring_bytes;
}

bool refusal_log_slot_bad(const struct refusal *refusal)
{
	return refusal->as_id >= refusal->world->address_spaces || refusal->id >= USER_SLOTS;
}

bool refusal_clear_unaligned(const struct refusal *refusal)
{
	return refusal->first % 64;
}

bool refusal_not_logged(const struct refusal *refusal)
{
	return !refusal->slot || !(refusal->slot->now.flags & MMU_SLOT_LOG_DIRTY);
}

bool refusal_clear_beyond(const struct refusal *refusal)
{
	uint64_t npages = refusal->slot->now.npages, count = refusal->value;

	return refusal->first > npages || count > npages - refusal->first ||
	       (count < npages - refusal->first && count % 64);
}

/* ---------------------------------------------------------------------------------------------------- raw arguments */

unsigned int refusal_call_needs(enum mmu_uapi call)
{
	switch (call) {
	case MMU_UAPI_SET_USER_MEMORY_REGION2:
	case MMU_UAPI_CREATE_GUEST_MEMFD:
		return MMU_FEATURE_GMEM;
	case MMU_UAPI_SET_MEMORY_ATTRIBUTES:
		return MMU_FEATURE_ATTRIBUTES;
	case MMU_UAPI_PRE_FAULT_MEMORY:
		return MMU_FEATURE_PREFAULT;
	default:
		return 0;
	}
}

bool refusal_call_missing(const struct refusal *refusal)
{
	return refusal_call_needs(refusal->call) & ~refusal->world->core->features;
}

bool refusal_bad_pointer(const struct refusal *refusal)
{
	return refusal->bad_pointer;
}

/* Only what is refused by every kernel comes here (harness/world/uapi.c), but for resetting the rings. */
bool refusal_undefined_argument(const struct refusal *refusal)
{
	return refusal->call == MMU_UAPI_PRE_FAULT_MEMORY || refusal->call == MMU_UAPI_ENABLE_CAP;
}
