// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty.c - the two dirty logs: bitmaps, and the rings that each vCPU shares with userspace.
 *
 * A ring entry goes round: KVM marks it DIRTY, userspace copies it and marks it RESET, KVM_RESET_DIRTY_RINGS
 * re-protects it and makes it free (Documentation/virt/kvm/api.rst, KVM_CAP_DIRTY_LOG_RING).
 */
#include "adapter.h"

#define RING_ENTRIES_PER_PAGE (PAGE_SIZE / sizeof(struct kvm_dirty_gfn))

int adapter_dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap)
{
	struct kvm_dirty_log log = {
		.slot = (u32)as_id << 16 | id,
		.dirty_bitmap = bitmap,
	};

	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);
}

int adapter_dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
			const uint64_t *bitmap)
{
	struct kvm_clear_dirty_log log = {
		.slot = (u32)as_id << 16 | id,
		.first_page = first,
		.num_pages = npages,
		.dirty_bitmap = (void *)bitmap,
	};

	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, (unsigned long)&log);
}

int adapter_ring_map(struct mmu_vcpu *vcpu)
{
	unsigned int npages = vcpu->vm->dirty_ring_bytes / PAGE_SIZE;
	unsigned int i;

	vcpu->ring_pages = host_alloc(npages * sizeof(*vcpu->ring_pages), 0, HOST_ALLOC_NOFAIL);
	for (i = 0; i < npages; i++) {
		vcpu->ring_pages[i] = shim_map_page(vcpu->fd, KVM_DIRTY_LOG_PAGE_OFFSET + i);
		if (!vcpu->ring_pages[i])
			return -EFAULT;
	}
	vcpu->ring_entries = npages * RING_ENTRIES_PER_PAGE;
	return 0;
}

static struct kvm_dirty_gfn *ring_entry(const struct mmu_vcpu *vcpu, uint32_t index)
{
	index %= vcpu->ring_entries;
	return &vcpu->ring_pages[index / RING_ENTRIES_PER_PAGE][index % RING_ENTRIES_PER_PAGE];
}

static bool ring_take(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset)
{
	struct kvm_dirty_gfn *entry = ring_entry(vcpu, vcpu->ring_next);

	if (smp_load_acquire(&entry->flags) != KVM_DIRTY_GFN_F_DIRTY)
		return false;
	*as_and_id = entry->slot;
	*page_offset = entry->offset;
	smp_store_release(&entry->flags, KVM_DIRTY_GFN_F_RESET);
	vcpu->ring_next++;
	return true;
}

int adapter_ring_harvest(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset, unsigned int room)
{
	unsigned int n = 0;

	if (!vcpu->ring_entries)
		return -EINVAL;
	adapter_lock(&vcpu->ring_lock, &adapter_mutex_class);
	while (n < room && ring_take(vcpu, &as_and_id[n], &page_offset[n]))
		n++;
	adapter_unlock(&vcpu->ring_lock);
	return n;
}

int adapter_ring_reset(struct mmu_vm *vm)
{
	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_RESET_DIRTY_RINGS, 0);
}
