// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusals_memory.c - conditions of refusals.def about attributes, guest_memfd files and pre-faulting.
 *
 * Source: spec.md O-30 to O-33, O-52; virt/kvm/kvm_main.c, virt/kvm/guest_memfd.c, fs/open.c vfs_fallocate().
 */
#include "harness/oracle/refusals_parts.h"

bool refusal_no_attributes(const struct refusal *refusal)
{
	return !core_has(refusal, MMU_FEATURE_ATTRIBUTES);
}

bool refusal_no_gmem(const struct refusal *refusal)
{
	return !core_has(refusal, MMU_FEATURE_GMEM);
}

bool refusal_no_prefault(const struct refusal *refusal)
{
	return !core_has(refusal, MMU_FEATURE_PREFAULT);
}

/* ------------------------------------------------------------------------------------------------------- attributes */

bool refusal_attribute_flags(const struct refusal *refusal)
{
	return refusal->flags;
}

bool refusal_attribute_unknown(const struct refusal *refusal)
{
	return refusal->value & ~(has_private_memory(refusal) ? MMU_ATTRIBUTE_PRIVATE : 0);
}

bool refusal_attribute_range(const struct refusal *refusal)
{
	return !refusal->bytes || refusal->gpa + refusal->bytes < refusal->gpa;
}

bool refusal_attribute_unaligned(const struct refusal *refusal)
{
	return is_unaligned(refusal->gpa) || is_unaligned(refusal->bytes);
}

/* ------------------------------------------------------------------------------------------------------ guest_memfd */

bool refusal_gmem_flags(const struct refusal *refusal)
{
	uint64_t valid = 0;

	if (core_has(refusal, MMU_FEATURE_GMEM_SHARED))
		valid = has_private_memory(refusal) ? MMU_GMEM_MMAP : MMU_GMEM_MMAP | MMU_GMEM_INIT_SHARED;
	return refusal->flags & ~valid;
}

bool refusal_gmem_size(const struct refusal *refusal)
{
	return (int64_t)refusal->bytes <= 0 || is_unaligned(refusal->bytes);
}

bool refusal_fallocate_no_file(const struct refusal *refusal)
{
	return !refusal->gmem && !refusal->other_file;
}

bool refusal_fallocate_range(const struct refusal *refusal)
{
	return (int64_t)refusal->offset < 0 || (int64_t)refusal->bytes <= 0;
}

bool refusal_fallocate_other_file(const struct refusal *refusal)
{
	return refusal->other_file;
}

bool refusal_fallocate_wraps(const struct refusal *refusal)
{
	return (int64_t)(refusal->offset + refusal->bytes) < 0;
}

bool refusal_fallocate_mode(const struct refusal *refusal)
{
	return refusal->flags != MMU_FALLOCATE_KEEP_SIZE &&
	       refusal->flags != (MMU_FALLOCATE_KEEP_SIZE | MMU_FALLOCATE_PUNCH_HOLE);
}

bool refusal_fallocate_unaligned(const struct refusal *refusal)
{
	return is_unaligned(refusal->offset) || is_unaligned(refusal->bytes);
}

bool refusal_fallocate_beyond(const struct refusal *refusal)
{
	return !(refusal->flags & MMU_FALLOCATE_PUNCH_HOLE) &&
	       (refusal->offset + refusal->bytes) >> MMU_PAGE_SHIFT > refusal->gmem->npages;
}

/* ----------------------------------------------------------------------------------------------------- pre-faulting */

bool refusal_prefault_range(const struct refusal *refusal)
{
	return is_unaligned(refusal->gpa) || is_unaligned(refusal->bytes) ||
	       refusal->gpa + refusal->bytes <= refusal->gpa;
}

/* By the mode in which the vCPU is. */
static const struct model_slot *slot_at(const struct refusal *refusal)
{
	const struct world *world = refusal->world;
	struct mmu_vcpu_view view;

	world->core->vcpu_view(refusal->vcpu->core, &view);
	return model_slot_at(&world->model, view.as_id, refusal->gpa >> MMU_PAGE_SHIFT);
}

static bool is_private(const struct refusal *refusal)
{
	return model_is_private(&refusal->world->model, refusal->gpa >> MMU_PAGE_SHIFT);
}

bool refusal_prefault_no_private_memory(const struct refusal *refusal)
{
	const struct model *model = &refusal->world->model;
	const struct model_slot *slot;

	if (!refusal->exact || !is_private(refusal))
		return false;
	slot = slot_at(refusal);
	return !slot || slot->now.gmem == MODEL_NO_GMEM || model->gmem[slot->now.gmem].state != MODEL_LIVE;
}

bool refusal_prefault_no_slot(const struct refusal *refusal)
{
	return refusal->exact && !slot_at(refusal);
}

bool refusal_memory_may_be_missing(const struct refusal *refusal)
{
	return !refusal->row; /* the model does not follow what is behind each hva */
}

bool refusal_slots_may_change(const struct refusal *refusal)
{
	return !refusal->exact;
}
