// SPDX-License-Identifier: GPL-2.0-only
/* primary_mmu_fault.c - what others ask of an mm: get-user-page, lookup, copy_from_user and copy_to_user. */
#include <errno.h>
#include <string.h>

#include "primary_mmu.h"

/* Something done with the page, under the ptl, so that the page cannot go away meanwhile. */
struct page_use {
	void (*use)(struct page_use *use, mmu_pfn_t pfn);
	void (*get)(mmu_pfn_t pfn);
	unsigned char *buffer;
	size_t offset, bytes; /* in the page */
};

enum fault_step {
	FAULT_OVER = 0, /* or -errno */
	FAULT_FILL,
	FAULT_BREAK_COW,
};

static int fault_step_locked(struct host_mm *mm, hva_t hva, bool write, struct page_use *use,
			     struct host_mm_mapping *mapping)
{
	const struct area *area = area_find_locked(mm, hva);
	struct leaf leaf = table_walk(mm, hva);

	if (leaf.value == PTE_HWPOISON)
		return -EHWPOISON;
	if (!area || (write && !area->range.writable))
		return -EFAULT;
	if (!leaf_present(&leaf))
		return FAULT_FILL;
	if (write && !(leaf.value & PTE_WRITE))
		return FAULT_BREAK_COW;
	__atomic_fetch_or(leaf.entry, PTE_ACCESSED | (write ? PTE_DIRTY : 0), __ATOMIC_ACQ_REL);
	*mapping = (struct host_mm_mapping){
		.pfn = leaf_pfn(&leaf, hva),
		.level = (uint8_t)leaf.level,
		.writable = leaf.value & PTE_WRITE,
	};
	if (use)
		use->use(use, mapping->pfn);
	return FAULT_OVER;
}

/* The largest mapping that a fault may put at @hva; 0: none, something is there or the area is gone. */
static int fill_level_locked(struct host_mm *mm, hva_t hva)
{
	const struct area *area = area_find_locked(mm, hva);
	struct leaf hole = table_walk(mm, hva);

	if (!area || hole.value)
		return 0;
	for (int level = area->range.level_max; level > MMU_LEVEL_4K; level--) {
		hva_t start = hva_align(hva, level), end = hva_after(hva, level);

		if (hole.level >= level && start >= area->range.start &&
		    end <= area->range.start + (area->range.npages << MMU_PAGE_SHIFT) &&
		    !change_cuts_locked(mm, start, end))
			return level;
	}
	return MMU_LEVEL_4K;
}

/* Nobody else knows the page yet: it goes back as it came. */
static void give_up(mmu_pfn_t pfn, int level)
{
	struct dropped dropped = { 0 };

	unit_unmapped_locked(pfn, mmu_level_npages(level), &dropped);
	drop_all(&dropped);
}

/* 0 or -ENOMEM; the caller looks again what is there now. */
static int fill(struct host_mm *mm, hva_t hva, int level)
{
	mmu_pfn_t pfn;
	bool fits;

	while ((pfn = data_page_new(mm, hva_align(hva, level), level, level == MMU_LEVEL_4K ? HOST_ALLOC_NOFAIL : 0)) ==
	       MMU_NO_PFN) {
		if (--level == 0)
			return -ENOMEM;
	}
	ptl_acquire(mm);
	fits = fill_level_locked(mm, hva) >= level;
	if (fits) {
		bool writable = area_find_locked(mm, hva)->range.writable;

		if (!writable)
			host_page_set_flags(pfn, mmu_level_npages(level), HOST_PAGE_READONLY, 0);
		table_install_locked(mm, hva, level, leaf_value(pfn, level, writable ? PTE_WRITE : 0));
	}
	ptl_release(mm);
	if (!fits)
		give_up(pfn, level);
	return 0;
}

static int fault(struct host_mm *mm, hva_t hva, bool write, bool may_sleep, struct page_use *use,
		 struct host_mm_mapping *mapping)
{
	for (;;) {
		int level, step;

		ptl_acquire(mm);
		step = fault_step_locked(mm, hva, write, use, mapping);
		level = step == FAULT_FILL ? fill_level_locked(mm, hva) : 0;
		ptl_release(mm);
		if (step <= FAULT_OVER)
			return step;
		if (!may_sleep)
			return -EAGAIN;
		if (step == FAULT_BREAK_COW)
			break_cow(mm, hva);
		else if (fill(mm, hva, level))
			return -ENOMEM;
	}
}

static void use_get(struct page_use *use, mmu_pfn_t pfn)
{
	use->get(pfn);
}

int host_mm_fault(struct host_mm *mm, hva_t hva, bool write, bool may_sleep, void (*get)(mmu_pfn_t pfn),
		  struct host_mm_mapping *mapping)
{
	struct page_use use = { .use = use_get, .get = get };

	if (may_sleep)
		host_may_sleep("host_mm_fault");
	return fault(mm, hva, write, may_sleep, get ? &use : NULL, mapping);
}

bool host_mm_lookup(const struct host_mm *mm, hva_t hva, struct host_mm_mapping *mapping)
{
	struct leaf leaf;

	if (hva < HOST_HVA_BASE || hva >= HOST_HVA_BASE + HOST_HVA_BYTES)
		return false;
	host_rcu_read_lock();
	leaf = table_walk(mm, hva);
	host_rcu_read_unlock();
	if (!leaf_present(&leaf))
		return false;
	*mapping = (struct host_mm_mapping){
		.pfn = leaf_pfn(&leaf, hva),
		.level = (uint8_t)leaf.level,
		.writable = leaf.value & PTE_WRITE,
	};
	return true;
}

/* ----------------------------------------------------------------------------------------------------------- copies */

/* In aligned words where it can, since others write the same page at the same time. */
static void use_read(struct page_use *use, mmu_pfn_t pfn)
{
	const unsigned char *page = host_pfn_to_va(pfn);
	size_t at = use->offset, end = use->offset + use->bytes;
	unsigned char *out = use->buffer;

	while (at < end) {
		if (!(at & 7) && end - at >= 8) {
			uint64_t word = relaxed_load((const uint64_t *)(page + at));

			memcpy(out, &word, 8);
			at += 8;
			out += 8;
		} else {
			*out++ = relaxed_load(&page[at++]);
		}
	}
}

static void use_write(struct page_use *use, mmu_pfn_t pfn)
{
	unsigned char *page = host_pfn_to_va(pfn);
	size_t at = use->offset, end = use->offset + use->bytes;
	const unsigned char *in = use->buffer;

	while (at < end) {
		if (!(at & 7) && end - at >= 8) {
			uint64_t word;

			memcpy(&word, in, 8);
			relaxed_store((uint64_t *)(page + at), word);
			at += 8;
			in += 8;
		} else {
			relaxed_store(&page[at++], *in++);
		}
	}
}

/* Where the CPU may not sleep only what is mapped already can be copied, as with pagefault_disable(). */
static size_t copy(struct host_mm *mm, hva_t hva, unsigned char *buffer, size_t bytes, bool write)
{
	bool may_sleep = !host_rcu_read_held();

	while (bytes) {
		size_t offset = hva & (MMU_PAGE_SIZE - 1);
		struct page_use use = {
			.use = write ? use_write : use_read,
			.buffer = buffer,
			.offset = offset,
			.bytes = bytes < MMU_PAGE_SIZE - offset ? bytes : MMU_PAGE_SIZE - offset,
		};
		struct host_mm_mapping mapping;

		if (fault(mm, hva, write, may_sleep, &use, &mapping))
			break;
		hva += use.bytes;
		buffer += use.bytes;
		bytes -= use.bytes;
	}
	return bytes;
}

size_t host_mm_read(struct host_mm *mm, hva_t hva, void *buffer, size_t bytes)
{
	return copy(mm, hva, buffer, bytes, false);
}

size_t host_mm_write(struct host_mm *mm, hva_t hva, const void *buffer, size_t bytes)
{
	return copy(mm, hva, (unsigned char *)buffer, bytes, true);
}
