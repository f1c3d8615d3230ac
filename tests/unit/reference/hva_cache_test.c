// SPDX-License-Identifier: GPL-2.0-only
/*
 * hva_cache_test.c - caches of guest memory against slots that come, go and move: what is remembered is right, or it is
 * looked up again.
 */
#include "gmm/hva_cache.h"

#include <errno.h>

#include "vm_fixture.h"

#define PAGES(n) ((uint64_t)(n) << MMU_PAGE_SHIFT)

static int set_slot(uint16_t as_id, uint16_t id, gfn_t base, uint64_t npages, hva_t hva, uint32_t flags)
{
	const struct mmu_slot_request request = {
		.as_id = as_id,
		.id = id,
		.flags = flags,
		.gpa = PAGES(base),
		.bytes = PAGES(npages),
		.hva = hva,
		.gmem = MMU_GMEM_NONE,
	};

	return gmm_slot_set_request(vm, &request, false);
}

/* What is written by way of the cache is in the process, and comes back. */
static void check_write(struct gmm_hva_cache *cache, uint64_t offset, hva_t hva)
{
	static uint64_t next;
	uint64_t value = ++next, there = 0, back = 0;

	CHECK(!gmm_hva_cache_write(vm, cache, offset, &value, sizeof(value)));
	CHECK(!host_mm_read(mm, hva, &there, sizeof(there)) && there == value);
	CHECK(!gmm_hva_cache_read(vm, cache, offset, &back, sizeof(back)) && back == value);
}

static bool is_dirty(uint16_t id, uint64_t page)
{
	int index = host_srcu_read_lock(vm->srcu);
	const struct gmm_slot *slot = gmm_slot_by_id(vm, 0, id);
	bool dirty = slot->dirty[page / 64] >> page % 64 & 1;

	host_srcu_read_unlock(vm->srcu, index);
	return dirty;
}

static void what_is_refused(void)
{
	struct gmm_hva_cache cache;
	uint64_t value = 0;

	vm_begin(MMU_VM_DEFAULT, 64);
	CHECK(gmm_hva_cache_init(vm, &cache, PAGES(4), 8) == -EFAULT);
	CHECK(gmm_hva_cache_write(vm, &cache, 0, &value, 8) == -EFAULT);
	CHECK(!set_slot(0, 0, 0, 8, HVA, 0) && !set_slot(0, 1, 8, 4, HVA + PAGES(8), MMU_SLOT_READONLY));
	CHECK(gmm_hva_cache_init(vm, &cache, PAGES(8), 8) == -EFAULT);
	CHECK(gmm_hva_cache_init(vm, &cache, PAGES(7), PAGES(2)) == -EFAULT);
	CHECK(gmm_hva_cache_init(vm, &cache, ~(gpa_t)0 - 7, 16) == -EINVAL);
	CHECK(!gmm_hva_cache_init(vm, &cache, PAGES(4), 8));
	CHECK(gmm_hva_cache_write(vm, &cache, 1, &value, 8) == -EINVAL);
	CHECK(gmm_hva_cache_write(vm, &cache, ~(uint64_t)0, &value, 8) == -EINVAL);
	/* Of the other address space there is nothing to be found. */
	CHECK(!set_slot(1, 0, 16, 4, HVA, 0) && gmm_hva_cache_init(vm, &cache, PAGES(16), 8) == -EFAULT);
	vm_end();
}

static void one_page_is_remembered(void)
{
	struct gmm_hva_cache cache;

	vm_begin(MMU_VM_DEFAULT, 64);
	CHECK(!set_slot(0, 0, 0, 8, HVA, MMU_SLOT_LOG_DIRTY));
	CHECK(!gmm_hva_cache_init(vm, &cache, PAGES(4) + 16, 64) && cache.slot);
	check_write(&cache, 8, HVA + PAGES(4) + 24);
	CHECK(is_dirty(0, 4) && !is_dirty(0, 5));
	vm_end();
}

/* Each change of the address space's slots is noticed, whatever it is about; those of the other one are not. */
static void slots_come_go_and_move(void)
{
	struct gmm_hva_cache cache;
	uint64_t generation, value = 0;

	vm_begin(MMU_VM_DEFAULT, 64);
	CHECK(!set_slot(0, 0, 0, 8, HVA, 0) && !gmm_hva_cache_init(vm, &cache, PAGES(4), 8));
	generation = cache.generation;
	CHECK(!set_slot(1, 7, 0, 8, HVA + PAGES(32), 0));
	check_write(&cache, 0, HVA + PAGES(4));
	CHECK(cache.generation == generation);
	CHECK(!set_slot(0, 1, 16, 8, HVA + PAGES(16), 0));
	check_write(&cache, 0, HVA + PAGES(4));
	CHECK(cache.generation != generation);
	CHECK(!set_slot(0, 0, 0, 0, HVA, 0));
	CHECK(gmm_hva_cache_write(vm, &cache, 0, &value, 8) == -EFAULT);
	CHECK(!set_slot(0, 1, 0, 8, HVA + PAGES(16), 0));
	check_write(&cache, 0, HVA + PAGES(20));
	CHECK(!set_slot(0, 1, 0, 0, HVA, 0) && !set_slot(0, 1, 0, 8, HVA, MMU_SLOT_READONLY));
	CHECK(gmm_hva_cache_write(vm, &cache, 0, &value, 8) == -EFAULT);
	vm_end();
}

/* Nothing is remembered of more than one page, which may be in two slots. */
static void across_two_slots(void)
{
	struct gmm_hva_cache cache;
	uint64_t value = 0x1122334455667788, low = 0, high = 0;

	vm_begin(MMU_VM_DEFAULT, 64);
	CHECK(!set_slot(0, 0, 0, 8, HVA, MMU_SLOT_LOG_DIRTY) &&
	      !set_slot(0, 1, 8, 8, HVA + PAGES(32), MMU_SLOT_LOG_DIRTY));
	CHECK(!gmm_hva_cache_init(vm, &cache, PAGES(8) - 4, 8) && !cache.slot);
	CHECK(!gmm_hva_cache_write(vm, &cache, 0, &value, 8));
	CHECK(!host_mm_read(mm, HVA + PAGES(8) - 4, &low, 4) && low == 0x55667788);
	CHECK(!host_mm_read(mm, HVA + PAGES(32), &high, 4) && high == 0x11223344);
	CHECK(is_dirty(0, 7) && is_dirty(1, 0));
	vm_end();
}

int main(int argc, char *argv[])
{
	vm_start(argc, argv);
	RUN(what_is_refused);
	RUN(one_page_is_remembered);
	RUN(slots_come_go_and_move);
	RUN(across_two_slots);
	return 0;
}
