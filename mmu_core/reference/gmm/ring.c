// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring.c - dirty logging by rings, one a vCPU.
 *
 * An entry goes round: the vCPU fills it and says DIRTY, whoever collects copies it and says RESET, a reset of all
 * rings makes the page's next write be noticed and the entry free.  A vCPU whose ring is nearly full does not enter
 * the guest, so that what one exit can add always has room.
 * Source: spec.md 3.9, I-D8, O-72.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "sync.h"

/* An exit adds the page of its fault and, with page-modification logging, all that the log holds. */
#define RESERVED_ENTRIES 64
#define PML_ENTRIES 512

int gmm_ring_create(struct mmu_vcpu *vcpu)
{
	uint32_t bytes = vcpu->vm->vm_config.dirty_ring_bytes;

	if (!bytes)
		return 0;
	vcpu->ring.entry = host_alloc(bytes, 0, HOST_ALLOC_ZERO);
	vcpu->ring.size = bytes / sizeof(*vcpu->ring.entry);
	return vcpu->ring.entry ? 0 : -ENOMEM;
}

static struct gmm_ring_entry *entry_at(const struct gmm_ring *ring, uint32_t index)
{
	return &ring->entry[index % ring->size];
}

bool gmm_ring_is_full(const struct mmu_vcpu *vcpu)
{
	const struct gmm_ring *ring = &vcpu->ring;
	uint32_t reserved = RESERVED_ENTRIES + (vcpu->vm->config.pml ? PML_ENTRIES : 0);
	uint32_t limit = ring->size > reserved ? ring->size - reserved : 1;

	return ring->entry && ring->dirty_index - sync_load(&ring->reset_index) >= limit;
}

void gmm_ring_push(struct mmu_vcpu *vcpu, const struct gmm_slot *slot, uint64_t page)
{
	struct gmm_ring *ring = &vcpu->ring;
	struct gmm_ring_entry *entry = entry_at(ring, ring->dirty_index);

	GMM_BUG_ON(vcpu->vm, ring->dirty_index - sync_load_acquire(&ring->reset_index) >= ring->size);
	entry->as_and_id = (uint32_t)slot->as_id << 16 | slot->id;
	entry->page = page;
	sync_store_release(&entry->flags, GMM_RING_DIRTY);
	ring->dirty_index++;
}

int gmm_ring_harvest(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset, unsigned int room)
{
	struct gmm_ring *ring = &vcpu->ring;
	unsigned int count = 0;

	if (!ring->entry)
		return -EINVAL;
	gmm_lock(&ring->take_lock, &gmm_ring_class);
	for (; count < room; count++, ring->taken_index++) {
		struct gmm_ring_entry *entry = entry_at(ring, ring->taken_index);

		if (sync_load_acquire(&entry->flags) != GMM_RING_DIRTY)
			break;
		as_and_id[count] = entry->as_and_id;
		page_offset[count] = entry->page;
		sync_store_release(&entry->flags, GMM_RING_RESET);
	}
	gmm_unlock(&ring->take_lock);
	return count;
}

/* The slot may have gone or shrunk since the entry was written. */
static void protect_page(struct mmu_vm *vm, uint32_t as_and_id, uint64_t page)
{
	unsigned int as_id = as_and_id >> 16;
	struct gmm_slot *slot = as_id < vm->nr_as ? gmm_slot_by_id(vm, as_id, (uint16_t)as_and_id) : NULL;

	if (!slot || page >= slot->npages)
		return;
	gmm_protect_for_log(vm, slot, slot->base + page, slot->base + page + 1);
}

static int reset_ring(struct mmu_vm *vm, struct gmm_ring *ring)
{
	int count = 0;

	for (;; count++) {
		struct gmm_ring_entry *entry = entry_at(ring, ring->reset_index);
		uint32_t as_and_id;
		uint64_t page;

		if (sync_load_acquire(&entry->flags) != GMM_RING_RESET)
			return count;
		as_and_id = entry->as_and_id;
		page = entry->page;
		/* Free before the page is protected: it may be filled again, and then stands behind all others. */
		sync_store_release(&entry->flags, 0u);
		sync_store_release(&ring->reset_index, ring->reset_index + 1);
		protect_page(vm, as_and_id, page);
	}
}

int gmm_ring_reset(struct mmu_vm *vm)
{
	uint32_t nr = __atomic_load_n(&vm->nr_vcpus, __ATOMIC_ACQUIRE);
	int count = 0;

	if (!vm->vm_config.dirty_ring_bytes)
		return -EINVAL;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	for (uint32_t i = 0; i < nr; i++)
		count += reset_ring(vm, &vm->vcpu[i]->ring);
	if (count)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	gmm_unlock(&vm->slots_lock);
	return count;
}
