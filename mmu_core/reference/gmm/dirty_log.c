// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty_log.c - handing out a slot's bitmap, and making the next writes be noticed.
 *
 * Automatic: handing out clears and protects.  Manual: handing out does nothing else, clearing is a call of its own,
 * and protects what it has cleared.  A word is taken before its pages are protected: a write in between is marked
 * again.
 * Locking: slots_lock; mmu_lock for writing while bits and entries change together.
 * Source:  spec.md 3.9, O-70, O-71.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

static int check(struct mmu_vm *vm, uint16_t as_id, uint16_t id)
{
	if (vm->vm_config.dirty_ring_bytes)
		return -ENXIO;
	return as_id >= vm->nr_as || id >= GMM_USER_SLOTS ? -EINVAL : 0;
}

static struct gmm_slot *logged_slot(struct mmu_vm *vm, uint16_t as_id, uint16_t id)
{
	struct gmm_slot *slot = gmm_slot_by_id(vm, as_id, id);

	return slot && slot->dirty ? slot : NULL;
}

/* The pages of @bits, of which bit 0 is @page.  Runs of set bits are protected together. */
static bool protect_bits(struct mmu_vm *vm, const struct gmm_slot *slot, uint64_t page, uint64_t bits)
{
	bool flush = false;

	while (bits) {
		unsigned int first = __builtin_ctzll(bits);
		uint64_t rest = ~(bits >> first);
		unsigned int count = rest ? __builtin_ctzll(rest) : 64;
		gfn_t start = slot->base + page + first;

		if (planted(M_17) && (start ^ (slot->base + page)) / mmu_level_npages(MMU_LEVEL_2M))
			break;
		flush |= gmm_protect_for_log(vm, slot, start, start + count);
		bits = first + count >= 64 ? 0 : bits & (~(uint64_t)0 << (first + count));
	}
	return flush;
}

static void take_all(struct mmu_vm *vm, struct gmm_slot *slot, uint64_t *bitmap)
{
	bool flush = false;

	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	for (uint64_t word = 0; word < (slot->npages + 63) / 64; word++) {
		if (planted(M_14))
			flush |= protect_bits(vm, slot, word * 64, sync_load(&slot->dirty[word]));
		bitmap[word] = sync_load(&slot->dirty[word]) ? sync_exchange(&slot->dirty[word], (uint64_t)0) : 0;
		if (!planted(M_14))
			flush |= protect_bits(vm, slot, word * 64, bitmap[word]);
	}
	if (flush && !planted(M_15))
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

static int get_locked(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap)
{
	struct gmm_slot *slot = logged_slot(vm, as_id, id);

	if (!slot)
		return -ENOENT;
	/* What CPUs have written down so far is in the bitmap afterwards, or in their next exit. */
	if (vm->config.pml)
		gmm_request_all(vm, GMM_REQUEST_LOOK);
	if (!vm->vm_config.manual_dirty_protect) {
		take_all(vm, slot, bitmap);
		return 0;
	}
	for (uint64_t word = 0; word < (slot->npages + 63) / 64; word++)
		bitmap[word] = sync_load(&slot->dirty[word]);
	return 0;
}

int gmm_dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap)
{
	int error = check(vm, as_id, id);

	if (error)
		return error;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	error = get_locked(vm, as_id, id, bitmap);
	gmm_unlock(&vm->slots_lock);
	return error;
}

static bool range_is_bad(const struct gmm_slot *slot, uint64_t first, uint64_t count)
{
	return first > slot->npages || count > slot->npages - first || (count < slot->npages - first && count % 64);
}

/* Only bits that were set, and are not any more, are protected. */
static void clear_words(struct mmu_vm *vm, struct gmm_slot *slot, uint64_t first, uint64_t count,
			const uint64_t *bitmap)
{
	bool flush = false;

	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	for (uint64_t i = 0; i < (count + 63) / 64; i++) {
		uint64_t *word = &slot->dirty[first / 64 + i];
		uint64_t valid = count - i * 64 >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (count - i * 64)) - 1;
		uint64_t wanted = bitmap[i] & valid, old = sync_load(word);

		while (wanted && !sync_replace(word, &old, old & ~wanted))
			;
		flush |= protect_bits(vm, slot, first + i * 64, planted(M_16) ? wanted & ~old : old & wanted);
	}
	if (flush)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

static int clear_locked(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
			const uint64_t *bitmap)
{
	struct gmm_slot *slot = logged_slot(vm, as_id, id);

	if (!slot)
		return -ENOENT;
	if (range_is_bad(slot, first, npages))
		return -EINVAL;
	if (vm->config.pml)
		gmm_request_all(vm, GMM_REQUEST_LOOK);
	if (vm->vm_config.dirty_initially_set && sync_load(&gmm_eager_split))
		gmm_split_for_log(vm, slot, slot->base + first, slot->base + first + npages);
	clear_words(vm, slot, first, npages, bitmap);
	return 0;
}

int gmm_dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
		    const uint64_t *bitmap)
{
	int error = check(vm, as_id, id);

	if (!error && first % 64)
		error = -EINVAL;
	if (error)
		return error;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	error = clear_locked(vm, as_id, id, first, npages, bitmap);
	gmm_unlock(&vm->slots_lock);
	return error;
}
