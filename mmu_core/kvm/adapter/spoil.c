// SPDX-License-Identifier: GPL-2.0-only
/*
 * spoil.c - the saboteur: makes KVM's state wrong in one way, so that a check can show that it notices.
 *
 * Never runs in an honest run.  Flags and words are xored or added to, so that a second call can take the first back.
 * Locking: the caller has the VM to itself (QUIESCENT), so none.
 */
#include "mmu.h"
#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#include "adapter.h"

static struct kvm_mmu_page *find_header(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	if (!page || page->kind != HOST_PAGE_CORE)
		return NULL;
	return to_shadow_page(PFN_PHYS(pfn));
}

static int spoil_entry(mmu_hpa_t address, uint64_t value)
{
	if (!find_header(PHYS_PFN(address)))
		return -ENOENT;
	WRITE_ONCE(*(u64 *)__va(address), value);
	return 0;
}

/* @other is the table's own pfn: takes it back. */
static int spoil_header(struct mmu_vm *vm, mmu_pfn_t pfn, mmu_pfn_t other)
{
	struct kvm_mmu_page *old = find_header(pfn);
	struct kvm_mmu_page *new = other == pfn ? vm->spoilt.header : find_header(other);

	if (!old || !new)
		return -ENOENT;
	vm->spoilt.header = other == pfn ? NULL : old;
	set_page_private(pfn_to_page(pfn), (unsigned long)new);
	return 0;
}

static int spoil_root_count(struct kvm_mmu_page *sp, uint64_t value)
{
	if (sp->tdp_mmu_page)
		atomic_add(value, &sp->tdp_mmu_root_count.refs);
	else
		sp->root_count += value;
	return 0;
}

static int spoil_table(enum mmu_spoil what, mmu_pfn_t pfn, uint64_t value)
{
	struct kvm_mmu_page *sp = find_header(pfn);

	if (!sp)
		return -ENOENT;
	switch (what) {
	case MMU_SPOIL_TABLE_GFN:
		sp->gfn += value;
		return 0;
	case MMU_SPOIL_TABLE_PARENT:
		sp->ptep += value;
		return 0;
	case MMU_SPOIL_TABLE_ROLE:
		sp->role.word ^= value;
		return 0;
	case MMU_SPOIL_ROOT_INVALID:
		sp->role.invalid = !sp->role.invalid;
		return 0;
	case MMU_SPOIL_ROOT_COUNT:
		return spoil_root_count(sp, value);
	default:
		return -EOPNOTSUPP;
	}
}

/* Both sets hold the same slot object, so only a copy in one of them makes them differ. */
static int spoil_slot_npages(struct mmu_vm *vm, struct kvm_memslots *slots, struct kvm_memory_slot *slot,
			     uint64_t value)
{
	struct adapter_spoilt *spoilt = &vm->spoilt;
	const int idx = slots->node_idx;

	if (spoilt->slot) {
		rb_replace_node(&spoilt->copy->gfn_node[idx], &spoilt->slot->gfn_node[idx], &slots->gfn_tree);
		host_free(spoilt->copy);
		spoilt->slot = NULL;
		spoilt->copy = NULL;
		return 0;
	}
	spoilt->slot = slot;
	spoilt->copy = host_alloc(sizeof(*slot), 0, HOST_ALLOC_NOFAIL);
	memcpy(spoilt->copy, slot, sizeof(*slot));
	spoilt->copy->npages += value;
	rb_replace_node(&slot->gfn_node[idx], &spoilt->copy->gfn_node[idx], &slots->gfn_tree);
	return 0;
}

void adapter_spoil_forget(struct mmu_vm *vm)
{
	host_free(vm->spoilt.copy);
	vm->spoilt = (struct adapter_spoilt){ 0 };
}

static int spoil_slot(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	const u64 as_id = where >> 16;
	struct kvm_memslots *slots;
	struct kvm_memory_slot *slot;

	if (as_id >= vm->nr_as)
		return -ENOENT;
	slots = __kvm_memslots(vm->kvm, as_id);
	slot = id_to_memslot(slots, (u16)where);
	if (!slot)
		return -ENOENT;
	if (what == MMU_SPOIL_SLOT_NPAGES)
		return spoil_slot_npages(vm, slots, slot, value);
	slot->flags ^= what == MMU_SPOIL_SLOT_FLAGS ? (u32)value : KVM_MEMSLOT_INVALID;
	return 0;
}

static int spoil_frame(struct kvm *kvm, enum mmu_spoil what, gfn_t gfn)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	if (!slot)
		return -ENOENT;
	if (what == MMU_SPOIL_MIXED) {
		adapter_frame_info(slot, gfn, PG_LEVEL_2M)->disallow_lpage ^= INT_MIN;
		return 0;
	}
	if (!slot->dirty_bitmap)
		return -ENOENT;
	clear_bit(gfn - slot->base_gfn, slot->dirty_bitmap);
	return 0;
}

static int spoil_vcpu_role(struct mmu_vm *vm, uint64_t index, uint64_t value)
{
	struct kvm_vcpu *vcpu = kvm_get_vcpu(vm->kvm, index);

	if (!vcpu)
		return -ENOENT;
	vcpu->arch.mmu->root_role.word ^= value;
	return 0;
}

static int spoil_generation(struct mmu_vm *vm, uint64_t as_id, uint64_t value)
{
	if (as_id >= vm->nr_as)
		return -ENOENT;
	__kvm_memslots(vm->kvm, as_id)->generation += value;
	return 0;
}

static int spoil_leak(void)
{
	return kmalloc(64, GFP_KERNEL) ? 0 : -ENOMEM;
}

static int spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	switch (what) {
	case MMU_SPOIL_COUNTER:
		return adapter_counter_spoil(vm, where, value);
	case MMU_SPOIL_ENTRY:
		return spoil_entry(where, value);
	case MMU_SPOIL_TABLE_GFN:
	case MMU_SPOIL_TABLE_PARENT:
	case MMU_SPOIL_TABLE_ROLE:
	case MMU_SPOIL_ROOT_INVALID:
	case MMU_SPOIL_ROOT_COUNT:
		return spoil_table(what, where, value);
	case MMU_SPOIL_TABLE_HEADER:
		return spoil_header(vm, where, value);
	case MMU_SPOIL_SLOT_FLAG_INVALID:
	case MMU_SPOIL_SLOT_FLAGS:
	case MMU_SPOIL_SLOT_NPAGES:
		return spoil_slot(vm, what, where, value);
	case MMU_SPOIL_GENERATION:
		return spoil_generation(vm, where, value);
	case MMU_SPOIL_MIXED:
	case MMU_SPOIL_DIRTY_BIT:
		return spoil_frame(vm->kvm, what, where);
	case MMU_SPOIL_LEAK:
		return spoil_leak();
	case MMU_SPOIL_VCPU_ROLE:
		return spoil_vcpu_role(vm, where, value);
	case MMU_SPOIL_FLUSH_OFF:
		vendor_set_flushes(!value);
		return 0;
	case MMU_SPOIL_KINDS:
		break;
	}
	return -EOPNOTSUPP;
}

int adapter_spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	int srcu_idx = srcu_read_lock(&vm->kvm->srcu);
	int err = spoil(vm, what, where, value);

	srcu_read_unlock(&vm->kvm->srcu, srcu_idx);
	return err;
}
