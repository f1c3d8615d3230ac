/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host_mm_check.h - what tests of the primary MMU share: one process, a notifier that writes down what it hears.
 */
#ifndef TESTS_UNIT_HOST_MM_CHECK_H
#define TESTS_UNIT_HOST_MM_CHECK_H

#include "host_check.h"

#define BASE HOST_HVA_BASE
#define PAGE MMU_PAGE_SIZE
#define HUGE (512 * PAGE)
#define GIANT (512 * HUGE)

static struct host_mm *mm;

/* ------------------------------------------------------------------------------------------ what the notifier heard */

enum call {
	CALL_START,
	CALL_END,
	CALL_YOUNG,
	CALL_RELEASE,
};

static struct heard {
	enum call call;
	hva_t start, end;
	uint8_t flags; /* of the watched page */
	uint8_t kind;
} heard[64];
static unsigned int heard_count;
static mmu_pfn_t watched; /* a page whose state is noted at each call */
static bool quiet;

static hva_t fault_at; /* a hole that is filled while the window opens; 0: none */

static inline void fill_hole(hva_t hva)
{
	struct host_mm_mapping mapping;

	fault_at = 0;
	CHECK(host_mm_fault(mm, hva, true, true, NULL, &mapping) == 0);
	CHECK(mapping.level == 1);
}

static inline void hear(enum call call, hva_t start, hva_t end)
{
	struct heard now = { .call = call, .start = start, .end = end };

	if (quiet)
		return;
	CHECK(host_may_sleep("a notifier")); /* so the ptl is not held */
	if (watched) {
		now.flags = host_page(watched)->flags;
		now.kind = host_page(watched)->kind;
	}
	CHECK(heard_count < 64);
	heard[heard_count++] = now;
}

static inline void on_start(void *context, hva_t start, hva_t end, bool blockable)
{
	CHECK(context == &heard);
	hear(CALL_START, start, end);
	if (fault_at)
		fill_hole(fault_at);
	(void)blockable;
}

static inline void on_end(void *context, hva_t start, hva_t end, bool blockable)
{
	hear(CALL_END, start, end);
	(void)context;
	(void)blockable;
}

static bool young_answer;

static inline bool on_young(void *context, hva_t start, hva_t end)
{
	hear(CALL_YOUNG, start, end);
	(void)context;
	return young_answer;
}

static inline bool on_test_young(void *context, hva_t address)
{
	hear(CALL_YOUNG, address, address + PAGE);
	(void)context;
	return young_answer;
}

static inline void on_release(void *context)
{
	hear(CALL_RELEASE, 0, 0);
	(void)context;
}

static const struct host_mm_notifier notifier = {
	.invalidate_start = on_start,
	.invalidate_end = on_end,
	.clear_flush_young = on_young,
	.clear_young = on_young,
	.test_young = on_test_young,
	.release = on_release,
	.context = &heard,
};

static inline void listen_to(mmu_pfn_t pfn)
{
	watched = pfn;
	heard_count = 0;
}

/* One bracket round [start, end): the page was untouched at the start, and was like this at the end. */
static inline void check_bracket(hva_t start, hva_t end, uint8_t kind, uint8_t flags)
{
	CHECK(heard_count == 2);
	CHECK(heard[0].call == CALL_START && heard[1].call == CALL_END);
	for (int i = 0; i < 2; i++)
		CHECK(heard[i].start == start && heard[i].end == end);
	CHECK(heard[0].kind == HOST_PAGE_ANON && !(heard[0].flags & HOST_PAGE_REVOKED));
	CHECK(heard[1].kind == kind);
	CHECK((heard[1].flags & flags) == flags);
	listen_to(0);
}

/* ------------------------------------------------------------------------------------------------------- shorthands */

static inline void area(hva_t start, uint64_t npages, uint8_t level_max, bool writable)
{
	struct host_mm_area range = { .start = start, .npages = npages, .level_max = level_max, .writable = writable };

	CHECK(host_mm_area_add(mm, &range) == 0);
}

static inline struct host_mm_mapping fault(hva_t hva, bool write)
{
	struct host_mm_mapping mapping;

	CHECK(host_mm_fault(mm, hva, write, true, NULL, &mapping) == 0);
	CHECK(!write || mapping.writable);
	return mapping;
}

static inline struct host_mm_mapping lookup(hva_t hva)
{
	struct host_mm_mapping mapping;

	CHECK(host_mm_lookup(mm, hva, &mapping));
	return mapping;
}

static inline bool is_mapped(hva_t hva)
{
	struct host_mm_mapping mapping;

	return host_mm_lookup(mm, hva, &mapping);
}

static inline void store(hva_t hva, uint64_t value)
{
	CHECK(host_mm_write(mm, hva, &value, sizeof(value)) == 0);
}

static inline uint64_t load(hva_t hva)
{
	uint64_t value;

	CHECK(host_mm_read(mm, hva, &value, sizeof(value)) == 0);
	return value;
}

static inline void begin(void)
{
	mm = host_mm_create();
	CHECK(mm);
	CHECK(host_mm_notifier_register(mm, &notifier) == 0);
	listen_to(0);
}

static inline void end(void)
{
	host_mm_notifier_unregister(mm, &notifier);
	host_mm_destroy(mm);
	host_rcu_barrier();
	CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
	CHECK(host_pages_live(HOST_PAGE_CORE) == 0); /* the tables, too */
	CHECK(reports_total() == 0);
}

#endif
