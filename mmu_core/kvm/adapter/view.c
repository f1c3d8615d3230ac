// SPDX-License-Identifier: GPL-2.0-only
/*
 * view.c - slots, their bitmaps, attributes, and what a vCPU has loaded, for the checkers.
 *
 * Locking: QUIESCENT use (core.h).  Slots are read under SRCU all the same: KVM's accessors check for it.
 */
#include "mmu.h"
#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#include "adapter.h"

/* The set that lookups use, or its twin, which takes part in the next update. */
static struct kvm_memslots *slot_set(struct kvm *kvm, unsigned int as_id, bool active)
{
	struct kvm_memslots *slots = __kvm_memslots(kvm, as_id);

	return active ? slots : &kvm->__memslots[as_id][!slots->node_idx];
}

static struct mmu_slot read_slot(const struct kvm_memory_slot *slot)
{
	struct mmu_slot view = {
		.as_id = slot->as_id,
		.id = slot->id,
		.flags = slot->flags & (MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY | MMU_SLOT_GMEM),
		.invalid = slot->flags & KVM_MEMSLOT_INVALID,
		.base = slot->base_gfn,
		.npages = slot->npages,
		.hva = slot->userspace_addr,
		.has_dirty_bitmap = slot->dirty_bitmap,
	};

#if HAVE_GUEST_MEMFD
	view.gmem_page_offset = slot->gmem.pgoff;
	view.gmem_bound = slot->gmem.file;
#endif
	return view;
}

void adapter_for_each_slot(struct mmu_vm *vm, bool active, mmu_slot_visitor visitor, void *context)
{
	int srcu_idx = srcu_read_lock(&vm->kvm->srcu);
	unsigned int as_id;
	bool more = true;

	for (as_id = 0; as_id < vm->nr_as && more; as_id++) {
		struct kvm_memslots *slots = slot_set(vm->kvm, as_id, active);
		struct rb_node *node;

		for (node = rb_first(&slots->gfn_tree); node && more; node = rb_next(node)) {
			const struct mmu_slot slot =
				read_slot(container_of(node, struct kvm_memory_slot, gfn_node[slots->node_idx]));

			more = visitor(context, &slot);
		}
	}
	srcu_read_unlock(&vm->kvm->srcu, srcu_idx);
}

u64 adapter_slot_dirty_word(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t word)
{
	int srcu_idx = srcu_read_lock(&vm->kvm->srcu);
	const struct kvm_memory_slot *slot = id_to_memslot(__kvm_memslots(vm->kvm, as_id), id);
	u64 dirty = 0;

	if (slot && slot->dirty_bitmap && word < BITS_TO_LONGS(slot->npages))
		dirty = __atomic_load_n(&slot->dirty_bitmap[word], __ATOMIC_RELAXED);
	srcu_read_unlock(&vm->kvm->srcu, srcu_idx);
	return dirty;
}

struct kvm_lpage_info *adapter_frame_info(const struct kvm_memory_slot *slot, gfn_t gfn, int level)
{
	return &slot->arch.lpage_info[level - PG_LEVEL_2M][gfn_to_index(gfn, slot->base_gfn, level)];
}

#if HAVE_MEMORY_ATTRIBUTES
/* KVM marks only frames that lie inside one slot (kvm_mmu_init_memslot_memory_attributes()). */
static bool read_mixed(struct kvm *kvm, uint16_t as_id, gfn_t gfn, int level, bool *known)
{
	const u64 npages = mmu_level_npages(level);
	const gfn_t first = round_down(gfn, npages);
	const struct kvm_memory_slot *slot = __gfn_to_memslot(__kvm_memslots(kvm, as_id), first);

	*known = slot && kvm_arch_has_private_mem(kvm) && first + npages <= slot->base_gfn + slot->npages;
	/* The mark is the sign bit of the count (arch/x86/kvm/mmu/mmu.c, KVM_LPAGE_MIXED_FLAG). */
	return *known && adapter_frame_info(slot, first, level)->disallow_lpage < 0;
}
#endif

bool adapter_frame_mixed(struct mmu_vm *vm, uint16_t as_id, gfn_t gfn, int level, bool *known)
{
	bool mixed = false;

	HOST_ASSERT(level > PG_LEVEL_4K && level <= KVM_MAX_HUGEPAGE_LEVEL);
	*known = false;
#if HAVE_MEMORY_ATTRIBUTES
	int srcu_idx = srcu_read_lock(&vm->kvm->srcu);

	mixed = read_mixed(vm->kvm, as_id, gfn, level, known);
	srcu_read_unlock(&vm->kvm->srcu, srcu_idx);
#else
	(void)vm, (void)as_id, (void)gfn;
#endif
	return mixed;
}

uint64_t adapter_attributes(struct mmu_vm *vm, gfn_t gfn)
{
#if HAVE_MEMORY_ATTRIBUTES
	return kvm_get_memory_attributes(vm->kvm, gfn);
#else
	(void)vm, (void)gfn;
	return 0;
#endif
}

/* A root without a header is the dummy root or a PAE root: it has no role and cannot be marked invalid. */
static void read_root(const struct kvm_mmu *mmu, struct mmu_vcpu_view *view)
{
	const struct kvm_mmu_page *sp;

	view->root = MMU_NO_HPA;
	if (!VALID_PAGE(mmu->root.hpa))
		return;
	view->root = mmu->root.hpa;
	sp = to_shadow_page(mmu->root.hpa);
	if (!sp)
		return;
	view->root_role = adapter_role_word(sp->role);
	view->root_invalid = sp->role.invalid;
}

void adapter_vcpu_view(struct mmu_vcpu *vcpu, struct mmu_vcpu_view *view)
{
	struct kvm_vcpu *kvm_vcpu = vcpu->vcpu;
	const struct kvm_mmu *mmu = kvm_vcpu->arch.mmu;
	unsigned int i;

	*view = (struct mmu_vcpu_view){
		.mmu_role = adapter_role_word(mmu->root_role),
		.in_smm = kvm_vcpu->arch.hflags & HF_SMM_MASK,
		.as_id = kvm_arch_vcpu_memslots_id(kvm_vcpu),
	};
	read_root(mmu, view);
	for (i = 0; i < KVM_MMU_NUM_PREV_ROOTS; i++)
		view->previous_roots += VALID_PAGE(mmu->prev_roots[i].hpa);
}
