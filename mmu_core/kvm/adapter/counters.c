// SPDX-License-Identifier: GPL-2.0-only
/*
 * counters.c - the numbers that KVM keeps about a VM, read where they stand; and the saboteur's hand on them.
 *
 * Locking: QUIESCENT use (core.h).
 */
#include "mmu/mmu_internal.h"

#include "adapter.h"

static int64_t list_length(const struct list_head *head)
{
	const struct list_head *link;
	int64_t n = 0;

	list_for_each(link, head) n++;
	return n;
}

static int64_t tdp_pages(struct kvm *kvm)
{
#if HAVE_TDP_PAGES_COUNT
	return atomic64_read(&kvm->arch.tdp_mmu_pages);
#else
	return list_length(&kvm->arch.tdp_mmu_pages);
#endif
}

static int64_t shadow_pages_used(const struct kvm *kvm)
{
#if HAVE_N_USED_MMU_PAGES
	return kvm->arch.n_used_mmu_pages;
#else
	return kvm->stat.mmu_shadow_pages;
#endif
}

static int64_t nx_list_length(const struct kvm *kvm)
{
#if HAVE_NX_LIST_PER_MMU_TYPE
	int64_t n = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kvm->arch.possible_nx_huge_pages); i++)
		n += list_length(&kvm->arch.possible_nx_huge_pages[i].pages);
	return n;
#elif HAVE_NX_HUGE_PAGE_DISALLOWED
	return list_length(&kvm->arch.possible_nx_huge_pages);
#else
	return list_length(&kvm->arch.lpage_disallowed_mmu_pages);
#endif
}

static int64_t slots_dirty_logged(const struct kvm *kvm)
{
#if HAVE_SLOTS_DIRTY_LOGGED_COUNT
	return atomic_read(&kvm->nr_memslots_dirty_logging);
#else
	(void)kvm;
	return MMU_COUNTER_ABSENT;
#endif
}

static int64_t generation(struct mmu_vm *vm, unsigned int as_id)
{
	int64_t value = MMU_COUNTER_ABSENT;
	int srcu_idx;

	if (as_id >= vm->nr_as)
		return value;
	srcu_idx = srcu_read_lock(&vm->kvm->srcu);
	value = __kvm_memslots(vm->kvm, as_id)->generation;
	srcu_read_unlock(&vm->kvm->srcu, srcu_idx);
	return value;
}

int64_t adapter_counter(struct mmu_vm *vm, enum mmu_counter counter)
{
	struct kvm *kvm = vm->kvm;

	switch (counter) {
	case MMU_COUNTER_TDP_PAGES:
		return tdp_pages(kvm);
	case MMU_COUNTER_SHADOW_PAGES_USED:
		return shadow_pages_used(kvm);
	case MMU_COUNTER_LEAFS_4K:
		return atomic64_read(&kvm->stat.pages_4k);
	case MMU_COUNTER_LEAFS_2M:
		return atomic64_read(&kvm->stat.pages_2m);
	case MMU_COUNTER_LEAFS_1G:
		return atomic64_read(&kvm->stat.pages_1g);
	case MMU_COUNTER_NX_SPLITS:
		return kvm->stat.nx_lpage_splits;
	case MMU_COUNTER_NX_LIST:
		return nx_list_length(kvm);
	case MMU_COUNTER_INVALIDATE_SEQ:
		return kvm->mmu_invalidate_seq;
	case MMU_COUNTER_INVALIDATE_IN_PROGRESS:
		return kvm->mmu_invalidate_in_progress;
	case MMU_COUNTER_NOTIFIERS_ACTIVE:
		return kvm->mn_active_invalidate_count;
	case MMU_COUNTER_SLOT_PAGES:
		return kvm->nr_memslot_pages;
	case MMU_COUNTER_SLOTS_DIRTY_LOGGED:
		return slots_dirty_logged(kvm);
	case MMU_COUNTER_GENERATION_0:
	case MMU_COUNTER_GENERATION_1:
		return generation(vm, counter - MMU_COUNTER_GENERATION_0);
	case MMU_COUNTER_REMOTE_FLUSHES:
		return kvm->stat.generic.remote_tlb_flush_requests;
	case MMU_COUNTER_BUGGED:
		return kvm->vm_bugged;
	case MMU_COUNTER_NX_MITIGATION:
		return is_nx_huge_page_enabled(kvm);
	case MMU_COUNTER_DEAD:
		return READ_ONCE(kvm->vm_dead);
	case MMU_COUNTERS:
		break;
	}
	return MMU_COUNTER_ABSENT;
}

static int spoil_tdp_pages(struct kvm *kvm, uint64_t value)
{
#if HAVE_TDP_PAGES_COUNT
	atomic64_add(value, &kvm->arch.tdp_mmu_pages);
	return 0;
#else
	(void)kvm, (void)value;
	return -EOPNOTSUPP;
#endif
}

static int spoil_slots_dirty_logged(struct kvm *kvm, uint64_t value)
{
#if HAVE_SLOTS_DIRTY_LOGGED_COUNT
	atomic_add(value, &kvm->nr_memslots_dirty_logging);
	return 0;
#else
	(void)kvm, (void)value;
	return -EOPNOTSUPP;
#endif
}

static int spoil_shadow_pages_used(struct kvm *kvm, uint64_t value)
{
#if HAVE_N_USED_MMU_PAGES
	kvm->arch.n_used_mmu_pages += value;
#else
	kvm->stat.mmu_shadow_pages += value;
#endif
	return 0;
}

/* Adds @value (two's complement) to what KVM keeps; -EOPNOTSUPP where the number is only derived. */
int adapter_counter_spoil(struct mmu_vm *vm, enum mmu_counter counter, uint64_t value)
{
	struct kvm *kvm = vm->kvm;

	switch (counter) {
	case MMU_COUNTER_TDP_PAGES:
		return spoil_tdp_pages(kvm, value);
	case MMU_COUNTER_SHADOW_PAGES_USED:
		return spoil_shadow_pages_used(kvm, value);
	case MMU_COUNTER_LEAFS_4K:
		atomic64_add(value, &kvm->stat.pages_4k);
		return 0;
	case MMU_COUNTER_LEAFS_2M:
		atomic64_add(value, &kvm->stat.pages_2m);
		return 0;
	case MMU_COUNTER_LEAFS_1G:
		atomic64_add(value, &kvm->stat.pages_1g);
		return 0;
	case MMU_COUNTER_NX_SPLITS:
		kvm->stat.nx_lpage_splits += value;
		return 0;
	case MMU_COUNTER_INVALIDATE_SEQ:
		kvm->mmu_invalidate_seq += value;
		return 0;
	case MMU_COUNTER_INVALIDATE_IN_PROGRESS:
		kvm->mmu_invalidate_in_progress += value;
		return 0;
	case MMU_COUNTER_NOTIFIERS_ACTIVE:
		kvm->mn_active_invalidate_count += value;
		return 0;
	case MMU_COUNTER_SLOT_PAGES:
		kvm->nr_memslot_pages += value;
		return 0;
	case MMU_COUNTER_SLOTS_DIRTY_LOGGED:
		return spoil_slots_dirty_logged(kvm, value);
	case MMU_COUNTER_REMOTE_FLUSHES:
		kvm->stat.generic.remote_tlb_flush_requests += value;
		return 0;
	case MMU_COUNTER_BUGGED:
		kvm->vm_bugged = value;
		return 0;
	case MMU_COUNTER_NX_LIST:
	case MMU_COUNTER_GENERATION_0:
	case MMU_COUNTER_GENERATION_1:
	case MMU_COUNTER_NX_MITIGATION:
	case MMU_COUNTER_DEAD:
	case MMU_COUNTERS:
		break;
	}
	return -EOPNOTSUPP;
}
