// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.c - numbers for objects, in the order in which a run meets them.
 *
 * Addresses differ from process to process and from run to run; the order in which a run meets objects does not.  A
 * page that objects were met in has an array of numbers, one for four bytes.  Memory that the host hands out or takes
 * back forgets its numbers: what comes to lie there is another object.  Numbers count on over the runs, so that a new
 * run begins without clearing anything.
 */
#include <stdlib.h>
#include <string.h>

#include "fibre.h"

#define GRAIN 4
#define PER_PAGE (MMU_PAGE_SIZE / GRAIN)
#define SLOTS_MIN 1024u

struct page {
	uintptr_t number; /* 0: free slot */
	uint32_t *objects;
};

static HOST_OUTLIVES_RUNS struct page *pages; /* open addressing */
static HOST_OUTLIVES_RUNS unsigned int slots, used;
static HOST_OUTLIVES_RUNS uint32_t last, run_first; /* numbers up to run_first are of earlier runs */

static struct page *slot_of(struct page *table, unsigned int count, uintptr_t number)
{
	unsigned int slot = (unsigned int)(number * 0x9e3779b97f4a7c15ULL >> 40) & (count - 1);

	while (table[slot].number && table[slot].number != number)
		slot = (slot + 1) & (count - 1);
	return &table[slot];
}

static void grow(void)
{
	unsigned int count = slots ? slots * 2 : SLOTS_MIN;
	struct page *table = calloc(count, sizeof(*table));

	HOST_ASSERT(table);
	for (unsigned int i = 0; i < slots; i++) {
		if (pages[i].number)
			*slot_of(table, count, pages[i].number) = pages[i];
	}
	free(pages);
	pages = table;
	slots = count;
}

static struct page *page_of(uintptr_t number)
{
	struct page *page;

	if (unlikely(used * 4 >= slots * 3))
		grow();
	page = slot_of(pages, slots, number);
	if (unlikely(!page->number)) {
		page->number = number;
		page->objects = calloc(PER_PAGE, sizeof(*page->objects));
		HOST_ASSERT(page->objects);
		used++;
	}
	return page;
}

uint32_t object_number(const void *object)
{
	uintptr_t address = (uintptr_t)object;
	uint32_t *number;

	if (!object)
		return 0;
	number = &page_of(address >> MMU_PAGE_SHIFT)->objects[address % MMU_PAGE_SIZE / GRAIN];
	if (*number <= run_first)
		*number = ++last;
	return *number - run_first;
}

/* TSan sees libc's memset() wherever it is called from, and takes it for an access of the running fibre. */
static void clear(uint32_t *numbers, size_t count)
{
#ifdef HOST_TSAN
	for (size_t i = 0; i < count; i++)
		*(volatile uint32_t *)&numbers[i] = 0;
#else
	memset(numbers, 0, count * sizeof(*numbers));
#endif
}

static void forget_in(struct page *page, uintptr_t start, uintptr_t end)
{
	uintptr_t base = page->number << MMU_PAGE_SHIFT;
	uintptr_t first = start > base ? start - base : 0;
	uintptr_t behind = end < base + MMU_PAGE_SIZE ? end - base : MMU_PAGE_SIZE;

	clear(&page->objects[first / GRAIN], (behind - first) / GRAIN);
}

void memory_changes_owner(const void *start, size_t bytes)
{
	uintptr_t begin = (uintptr_t)start, end = begin + bytes;

	if (!scheduler.policy || !slots || !bytes)
		return;
	if (bytes >> MMU_PAGE_SHIFT > slots) {
		for (unsigned int i = 0; i < slots; i++) {
			uintptr_t base = pages[i].number << MMU_PAGE_SHIFT;

			if (pages[i].number && base < end && base + MMU_PAGE_SIZE > begin)
				forget_in(&pages[i], begin, end);
		}
		return;
	}
	for (uintptr_t number = begin >> MMU_PAGE_SHIFT; number <= (end - 1) >> MMU_PAGE_SHIFT; number++) {
		struct page *page = slot_of(pages, slots, number);

		if (page->number)
			forget_in(page, begin, end);
	}
}

void objects_restart(void)
{
	if (last > UINT32_MAX / 2) {
		for (unsigned int i = 0; i < slots; i++) {
			if (pages[i].number)
				clear(pages[i].objects, PER_PAGE);
		}
		last = 0;
	}
	run_first = last;
}
