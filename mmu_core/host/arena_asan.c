// SPDX-License-Identifier: GPL-2.0-only
/*
 * arena_asan.c - free pages are poisoned for ASan, too.  Small blocks only: to write the shadow of a huge one would
 * take longer than all else together.
 */
#include "asan_notes.h"

#ifdef HOST_ASAN
#include <sanitizer/asan_interface.h>

static HOST_OUTLIVES_RUNS struct asan_notes notes;

static void note(mmu_pfn_t pfn, unsigned int order)
{
	for (mmu_pfn_t i = pfn; i < pfn + (1UL << order); i++)
		asan_note(&notes, (uint32_t)i);
}

void arena_asan_poison(mmu_pfn_t pfn, unsigned int order)
{
	note(pfn, order);
	ASAN_POISON_MEMORY_REGION(host_pfn_to_va(pfn), MMU_PAGE_SIZE << order);
}

void arena_asan_unpoison(mmu_pfn_t pfn, unsigned int order)
{
	note(pfn, order);
	ASAN_UNPOISON_MEMORY_REGION(host_pfn_to_va(pfn), MMU_PAGE_SIZE << order);
}

static void tell(uint32_t pfn)
{
	if (host_page(pfn)->kind == HOST_PAGE_FREE)
		ASAN_POISON_MEMORY_REGION(host_pfn_to_va(pfn), MMU_PAGE_SIZE);
	else
		ASAN_UNPOISON_MEMORY_REGION(host_pfn_to_va(pfn), MMU_PAGE_SIZE);
}

void arena_asan_new_life(bool same)
{
	asan_notes_tell(&notes, same, tell);
}
#endif
