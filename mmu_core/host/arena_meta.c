// SPDX-License-Identifier: GPL-2.0-only
/*
 * arena_meta.c - what each page of the arena is (struct host_page), and the contents of data pages in bulk.
 *
 * All words here may be read by anyone at any time: relaxed.  TSan does not see this file (CMakeLists.txt).  It would
 * have nothing to say, and one gigantic page has 262,144 such structs.  An attribute of the functions would not do,
 * because clang instruments atomics all the same.
 */
#include "internal.h"

static struct host_page *const meta = (struct host_page *)ARENA_META_BASE;

struct host_page *host_page(mmu_pfn_t pfn)
{
	return likely(pfn < HOST_ARENA_PAGES) ? &meta[pfn] : NULL;
}

void arena_meta_born(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind)
{
	for (mmu_pfn_t i = pfn; i < pfn + (1UL << order); i++) {
		relaxed_store(&meta[i].flags, 0);
		relaxed_store(&meta[i].order, i == pfn ? (uint8_t)order : 0);
		relaxed_store(&meta[i].owner, 0);
		relaxed_store(&meta[i].location, 0);
		relaxed_store(&meta[i].kind, (uint8_t)kind);
	}
}

void arena_meta_free(mmu_pfn_t pfn, unsigned int order)
{
	for (mmu_pfn_t i = pfn; i < pfn + (1UL << order); i++) {
		relaxed_store(&meta[i].kind, HOST_PAGE_FREE);
		relaxed_store(&meta[i].epoch, meta[i].epoch + 1);
	}
}

void host_page_describe(mmu_pfn_t pfn, uint64_t owner, uint64_t location)
{
	relaxed_store(&meta[pfn].owner, owner);
	relaxed_store(&meta[pfn].location, location);
}

void host_page_set_flags(mmu_pfn_t pfn, uint64_t npages, uint8_t set, uint8_t clear)
{
	HOST_ASSERT(pfn + npages <= HOST_ARENA_PAGES);
	for (mmu_pfn_t i = pfn; i < pfn + npages; i++) {
		uint8_t old = relaxed_load(&meta[i].flags);

		while (((old | set) & ~clear) != old &&
		       !__atomic_compare_exchange_n(&meta[i].flags, &old, (uint8_t)((old | set) & ~clear), false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			;
	}
}

/* The simulated CPU writes with relaxed 8-byte atomics.  @to is zero already, and stays untouched where @from is. */
void arena_copy_page(mmu_pfn_t to, mmu_pfn_t from)
{
	const uint64_t *source = host_pfn_to_va(from);
	uint64_t *target = host_pfn_to_va(to);

	for (unsigned int i = 0; i < MMU_PAGE_SIZE / 8; i++) {
		uint64_t word = relaxed_load(&source[i]);

		if (word)
			relaxed_store(&target[i], word);
	}
}
