// SPDX-License-Identifier: GPL-2.0-only
/*
 * host_primary_mmu_test.c - the primary MMU: what faults map, what changes do to pages and contents, and in which order
 * notifiers hear of it.
 */
#include <errno.h>

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

static void fill_hole(hva_t hva)
{
	struct host_mm_mapping mapping;

	fault_at = 0;
	CHECK(host_mm_fault(mm, hva, true, true, NULL, &mapping) == 0);
	CHECK(mapping.level == 1);
}

static void hear(enum call call, hva_t start, hva_t end)
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

static void on_start(void *context, hva_t start, hva_t end, bool blockable)
{
	CHECK(context == &heard);
	hear(CALL_START, start, end);
	if (fault_at)
		fill_hole(fault_at);
	(void)blockable;
}

static void on_end(void *context, hva_t start, hva_t end, bool blockable)
{
	hear(CALL_END, start, end);
	(void)context;
	(void)blockable;
}

static bool young_answer;

static bool on_young(void *context, hva_t start, hva_t end)
{
	hear(CALL_YOUNG, start, end);
	(void)context;
	return young_answer;
}

static bool on_test_young(void *context, hva_t address)
{
	hear(CALL_YOUNG, address, address + PAGE);
	(void)context;
	return young_answer;
}

static void on_release(void *context)
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

static void listen_to(mmu_pfn_t pfn)
{
	watched = pfn;
	heard_count = 0;
}

/* One bracket round [start, end): the page was untouched at the start, and was like this at the end. */
static void check_bracket(hva_t start, hva_t end, uint8_t kind, uint8_t flags)
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

static void area(hva_t start, uint64_t npages, uint8_t level_max, bool writable)
{
	struct host_mm_area range = { .start = start, .npages = npages, .level_max = level_max, .writable = writable };

	CHECK(host_mm_area_add(mm, &range) == 0);
}

static struct host_mm_mapping fault(hva_t hva, bool write)
{
	struct host_mm_mapping mapping;

	CHECK(host_mm_fault(mm, hva, write, true, NULL, &mapping) == 0);
	CHECK(!write || mapping.writable);
	return mapping;
}

static struct host_mm_mapping lookup(hva_t hva)
{
	struct host_mm_mapping mapping;

	CHECK(host_mm_lookup(mm, hva, &mapping));
	return mapping;
}

static bool is_mapped(hva_t hva)
{
	struct host_mm_mapping mapping;

	return host_mm_lookup(mm, hva, &mapping);
}

static void store(hva_t hva, uint64_t value)
{
	CHECK(host_mm_write(mm, hva, &value, sizeof(value)) == 0);
}

static uint64_t load(hva_t hva)
{
	uint64_t value;

	CHECK(host_mm_read(mm, hva, &value, sizeof(value)) == 0);
	return value;
}

static void begin(void)
{
	mm = host_mm_create();
	CHECK(mm);
	CHECK(host_mm_notifier_register(mm, &notifier) == 0);
	listen_to(0);
}

static void end(void)
{
	host_mm_notifier_unregister(mm, &notifier);
	host_mm_destroy(mm);
	host_rcu_barrier();
	CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
	CHECK(host_pages_live(HOST_PAGE_CORE) == 0); /* the tables, too */
	CHECK(reports_total() == 0);
}

/* ----------------------------------------------------------------------------------------------------------- faults */

static void areas_are_checked(void)
{
	static const struct host_mm_area illegal[] = {
		{ .start = BASE + 1, .npages = 1, .level_max = 1 },
		{ .start = BASE - PAGE, .npages = 1, .level_max = 1 },
		{ .start = BASE, .npages = 0, .level_max = 1 },
		{ .start = BASE, .npages = HOST_HVA_BYTES / PAGE + 1, .level_max = 1 },
		{ .start = BASE, .npages = UINT64_MAX, .level_max = 1 },
		{ .start = BASE, .npages = 1, .level_max = 4 },
	};
	struct host_mm_area twice = { .start = BASE + 9 * PAGE, .npages = 2, .level_max = 1 };

	begin();
	for (unsigned int i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++)
		CHECK(host_mm_area_add(mm, &illegal[i]) == -EINVAL);
	area(BASE, 10, 1, true);
	CHECK(host_mm_area_add(mm, &twice) == -EEXIST);
	twice.start = BASE + 10 * PAGE;
	CHECK(host_mm_area_add(mm, &twice) == 0);
	CHECK(host_mm_area_remove(mm, BASE + PAGE) == -ENOENT);
	end();
}

static unsigned int gets;
static mmu_pfn_t got;

static void count_get(mmu_pfn_t pfn)
{
	gets++;
	got = pfn;
}

static void faults_fill_in(void)
{
	struct host_mm_mapping mapping;
	const struct host_page *page;

	begin();
	area(BASE, 4, 1, true);
	area(BASE + 8 * PAGE, 4, 1, false);
	CHECK(host_mm_fault(mm, BASE, true, false, NULL, &mapping) == -EAGAIN);
	CHECK(host_mm_fault(mm, BASE + 4 * PAGE, false, true, NULL, &mapping) == -EFAULT);
	CHECK(host_mm_fault(mm, BASE + 8 * PAGE, true, true, NULL, &mapping) == -EFAULT);
	CHECK(!is_mapped(BASE));
	CHECK(host_mm_fault(mm, BASE + PAGE + 5, true, true, count_get, &mapping) == 0);
	CHECK(gets == 1 && got == mapping.pfn);
	CHECK(mapping.level == 1 && mapping.writable);
	page = host_page(mapping.pfn);
	CHECK(page->kind == HOST_PAGE_ANON && page->owner == host_mm_id(mm));
	CHECK(page->location == (BASE + PAGE) / PAGE && !page->flags);
	CHECK(lookup(BASE + PAGE).pfn == mapping.pfn);
	CHECK(host_mm_fault(mm, BASE + PAGE, true, false, NULL, &mapping) == 0);
	mapping = fault(BASE + 8 * PAGE, false);
	CHECK(!mapping.writable && host_page(mapping.pfn)->flags == HOST_PAGE_READONLY);
	CHECK(heard_count == 0); /* filling in is no invalidation */
	end();
}

static void faults_take_the_largest_page_that_fits(void)
{
	begin();
	area(BASE + HUGE, GIANT / PAGE * 3, 3, true);
	CHECK(fault(BASE + HUGE + 5 * PAGE, true).level == 2); /* 1 GiB would stick out */
	CHECK(fault(BASE + GIANT + 7 * PAGE, true).level == 3);
	CHECK(!(lookup(BASE + GIANT).pfn & (512 * 512 - 1)));
	CHECK(lookup(BASE + GIANT + 3 * HUGE + 7 * PAGE).pfn == lookup(BASE + GIANT).pfn + 3 * 512 + 7);
	CHECK(host_page(lookup(BASE + GIANT).pfn + 700)->location == (BASE + GIANT) / PAGE + 700);
	host_mm_unmap(mm, BASE + HUGE, 1);
	CHECK(!is_mapped(BASE + HUGE + 100 * PAGE)); /* rounded out to the mapping */
	CHECK(fault(BASE + HUGE, true).level == 2);
	CHECK(host_mm_split(mm, BASE + HUGE) == 0);
	host_mm_unmap(mm, BASE + HUGE, 511);
	CHECK(fault(BASE + HUGE, true).level == 1); /* something else is in the frame */
	host_mm_unmap(mm, BASE + HUGE, 512);
	CHECK(fault(BASE + HUGE, true).level == 2); /* the empty table is gone */
	end();
}

static void short_memory_makes_small_pages(void)
{
	struct host_config config = *host_configuration();
	unsigned int levels[4] = { 0 };

	begin();
	area(BASE, 64 * HUGE / PAGE, 2, true);
	config.alloc_fail_ppm = 500000;
	host_configure(&config);
	for (unsigned int i = 0; i < 64; i++)
		levels[fault(BASE + i * HUGE, true).level]++;
	config.alloc_fail_ppm = 0;
	host_configure(&config);
	CHECK(levels[1] > 10 && levels[2] > 10);
	end();
}

static void copies_cross_pages(void)
{
	char in[3 * 4096], out[3 * 4096];

	begin();
	area(BASE, 4, 1, true);
	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7);
	CHECK(host_mm_write(mm, BASE + 1001, in, sizeof(in)) == 0);
	CHECK(host_mm_read(mm, BASE + 1001, out, sizeof(out)) == 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	CHECK(host_mm_read(mm, BASE + 3 * PAGE + 4000, out, 200) == 104); /* the area ends there */
	host_preempt_disable();
	CHECK(host_mm_read(mm, BASE, out, 8) == 0);
	host_preempt_enable();
	host_mm_unmap(mm, BASE, 1);
	host_preempt_disable();
	CHECK(host_mm_read(mm, BASE, out, 8) == 8); /* would have to fault */
	host_preempt_enable();
	CHECK(load(BASE) == 0);
	end();
}

/* ---------------------------------------------------------------------------------------------------------- changes */

static void unmap_revokes_and_frees(void)
{
	mmu_pfn_t pfn;

	begin();
	area(BASE, 16, 1, true);
	for (int i = 0; i < 16; i++)
		pfn = fault(BASE + (hva_t)i * PAGE, true).pfn;
	listen_to(pfn);
	host_mm_unmap(mm, BASE + 8 * PAGE, 8);
	check_bracket(BASE + 8 * PAGE, BASE + 16 * PAGE, HOST_PAGE_FREE, HOST_PAGE_REVOKED);
	CHECK(is_mapped(BASE + 7 * PAGE) && !is_mapped(BASE + 8 * PAGE));
	CHECK(host_pages_live(HOST_PAGE_ANON) == 8);
	end();
}

/* What is filled in behind the back of a change lies wholly inside or outside of its range. */
static void fault_beside_a_change_stays_small(void)
{
	begin();
	area(BASE, HUGE / PAGE, 2, true);
	fault_at = BASE;
	host_mm_unmap(mm, BASE + 4 * PAGE, 4);
	CHECK(!fault_at);
	CHECK(lookup(BASE).level == 1);
	fault_at = BASE + 4 * PAGE;
	host_mm_unmap(mm, BASE + 4 * PAGE, 4);
	CHECK(!is_mapped(BASE + 4 * PAGE));
	CHECK(is_mapped(BASE));
	end();
}

static void area_removal_unmaps(void)
{
	struct host_mm_mapping mapping;

	begin();
	area(BASE, 16, 1, true);
	listen_to(fault(BASE, true).pfn);
	CHECK(host_mm_area_remove(mm, BASE) == 0);
	check_bracket(BASE, BASE + 16 * PAGE, HOST_PAGE_FREE, HOST_PAGE_REVOKED);
	CHECK(host_mm_fault(mm, BASE, false, true, NULL, &mapping) == -EFAULT);
	end();
}

static void protect_then_write_breaks_cow(void)
{
	unsigned int copies = 0;

	begin();
	area(BASE, 64, 1, true);
	for (unsigned int i = 0; i < 64; i++) {
		hva_t hva = BASE + i * PAGE;
		mmu_pfn_t old, new;

		store(hva, i + 1);
		old = lookup(hva).pfn;
		listen_to(old);
		host_mm_protect(mm, hva, 1);
		check_bracket(hva, hva + PAGE, HOST_PAGE_ANON, HOST_PAGE_READONLY);
		CHECK(!lookup(hva).writable);
		CHECK(!fault(hva, false).writable);
		listen_to(old);
		new = fault(hva, true).pfn;
		CHECK(!host_page(new)->flags);
		CHECK(load(hva) == i + 1);
		if (new == old) {
			CHECK(heard_count == 0);
			continue;
		}
		copies++;
		check_bracket(hva, hva + PAGE, HOST_PAGE_FREE, HOST_PAGE_REVOKED);
	}
	CHECK(copies > 10 && copies < 54); /* both ways are taken */
	end();
}

static void migrate_keeps_contents(uint8_t level_max)
{
	uint64_t npages = mmu_level_npages(level_max);
	hva_t base = BASE + GIANT;
	mmu_pfn_t old;

	begin();
	CHECK(host_mm_migrate(mm, base) == -ENOENT);
	area(base, npages, level_max, true);
	store(base + 8, 1);
	store(base + npages * PAGE - 8, 2);
	store(base + npages * PAGE / 2 + 64, 3);
	old = lookup(base).pfn;
	CHECK(lookup(base).level == level_max);
	listen_to(old);
	CHECK(host_mm_migrate(mm, base + npages / 2 * PAGE) == 0);
	check_bracket(base, base + npages * PAGE, HOST_PAGE_FREE, HOST_PAGE_REVOKED);
	CHECK(lookup(base).pfn != old && lookup(base).level == level_max && lookup(base).writable);
	CHECK(load(base + 8) == 1);
	CHECK(load(base + npages * PAGE - 8) == 2);
	CHECK(load(base + npages * PAGE / 2 + 64) == 3);
	CHECK(host_page(lookup(base).pfn)->location == base / PAGE);
	host_mm_protect(mm, base, 1);
	CHECK(host_mm_migrate(mm, base) == 0);
	CHECK(!lookup(base).writable && host_page(lookup(base).pfn)->flags == HOST_PAGE_READONLY);
	end();
}

static void migrate_keeps_small_contents(void)
{
	migrate_keeps_contents(1);
}

static void migrate_keeps_huge_contents(void)
{
	migrate_keeps_contents(2);
}

static void migrate_keeps_giant_contents(void)
{
	migrate_keeps_contents(3);
}

static void split_keeps_pages(void)
{
	hva_t base = BASE + GIANT;
	mmu_pfn_t pfn;

	begin();
	area(base, GIANT / PAGE, 3, true);
	store(base + 5 * HUGE + 3 * PAGE, 77);
	pfn = lookup(base).pfn;
	listen_to(pfn);
	CHECK(host_mm_split(mm, base + 5 * HUGE) == 0);
	check_bracket(base, base + GIANT, HOST_PAGE_ANON, 0);
	CHECK(!host_page(pfn)->flags);
	CHECK(lookup(base + 5 * HUGE).level == 2);
	CHECK(host_mm_split(mm, base + 5 * HUGE) == 0);
	CHECK(lookup(base + 5 * HUGE).level == 1 && lookup(base + 6 * HUGE).level == 2);
	CHECK(host_mm_split(mm, base + 5 * HUGE) == -ENOENT);
	CHECK(lookup(base + 5 * HUGE + 3 * PAGE).pfn == pfn + 5 * 512 + 3);
	CHECK(load(base + 5 * HUGE + 3 * PAGE) == 77);

	host_mm_unmap(mm, base + 5 * HUGE + 3 * PAGE, 1);
	CHECK(host_page(pfn + 5 * 512 + 3)->flags == HOST_PAGE_REVOKED);
	CHECK(host_page(pfn + 5 * 512 + 3)->kind == HOST_PAGE_ANON); /* the block is in use still */
	CHECK(host_page(pfn + 5 * 512 + 4)->flags == 0);
	CHECK(host_pages_live(HOST_PAGE_ANON) == 512 * 512);
	CHECK(fault(base + 5 * HUGE + 3 * PAGE, true).pfn != pfn + 5 * 512 + 3);
	host_mm_unmap(mm, base, GIANT / PAGE);
	CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
	end();
}

static void collapse_keeps_contents(void)
{
	mmu_pfn_t old;

	begin();
	area(BASE, 2 * HUGE / PAGE, 2, true);
	CHECK(host_mm_collapse(mm, BASE) == -ENOENT); /* nothing there */
	store(BASE, 0);
	CHECK(host_mm_collapse(mm, BASE) == -ENOENT); /* huge already */
	CHECK(host_mm_split(mm, BASE) == 0);
	host_mm_unmap(mm, BASE + 10 * PAGE, 500);
	store(BASE + 3 * PAGE, 33);
	store(BASE + 511 * PAGE, 44);
	old = lookup(BASE + 3 * PAGE).pfn;
	listen_to(old);
	CHECK(host_mm_collapse(mm, BASE + 7 * PAGE) == 0);
	check_bracket(BASE, BASE + HUGE, HOST_PAGE_FREE, HOST_PAGE_REVOKED);
	CHECK(lookup(BASE).level == 2 && lookup(BASE).writable);
	CHECK(load(BASE + 3 * PAGE) == 33 && load(BASE + 511 * PAGE) == 44 && load(BASE + 100 * PAGE) == 0);
	CHECK(host_pages_live(HOST_PAGE_ANON) == 512);
	end();
}

static void failed_page_stays_failed(void)
{
	struct host_mm_mapping mapping;
	mmu_pfn_t pfn;

	begin();
	area(BASE, HUGE / PAGE, 2, true);
	store(BASE + 8 * PAGE, 8);
	pfn = lookup(BASE).pfn;
	quiet = true;
	host_mm_poison(mm, BASE + 7 * PAGE);
	quiet = false;
	CHECK(host_page(pfn + 7)->flags == (HOST_PAGE_REVOKED | HOST_PAGE_POISONED));
	CHECK(host_mm_fault(mm, BASE + 7 * PAGE, false, true, NULL, &mapping) == -EHWPOISON);
	CHECK(!is_mapped(BASE + 7 * PAGE));
	CHECK(load(BASE + 8 * PAGE) == 8);
	CHECK(host_mm_collapse(mm, BASE) == -ENOENT);
	host_mm_unmap(mm, BASE, 512);
	CHECK(fault(BASE + 7 * PAGE, true).level == 2); /* the failed mapping was unmapped: new memory */
	listen_to(fault(BASE, true).pfn);
	end();
}

static void ageing_clears_and_asks(void)
{
	begin();
	area(BASE, 8, 1, true);
	fault(BASE + 3 * PAGE, false);
	CHECK(host_mm_age(mm, BASE, 8, 2));
	CHECK(heard_count == 8 && heard[0].call == CALL_YOUNG);
	CHECK(host_mm_age(mm, BASE, 8, 0)); /* testing has cleared nothing */
	listen_to(0);
	CHECK(!host_mm_age(mm, BASE, 8, 1));
	CHECK(heard_count == 1 && heard[0].start == BASE && heard[0].end == BASE + 8 * PAGE);
	young_answer = true;
	CHECK(host_mm_age(mm, BASE, 8, 1));
	young_answer = false;
	end();
}

/* -------------------------------------------------------------------------------------------------------- notifiers */

static void windows_are_heard(void)
{
	unsigned int open;

	begin();
	host_mm_window_open(mm, BASE, 4);
	host_mm_window_open(mm, BASE, 8);
	CHECK(host_mm_invalidations(mm, &open) == 2 && open == 2);
	host_mm_window_close(mm, BASE, 4);
	host_mm_window_close(mm, BASE, 8);
	CHECK(host_mm_invalidations(mm, &open) == 2 && open == 0);
	CHECK(heard_count == 4);
	CHECK(heard[1].call == CALL_START && heard[1].end == BASE + 8 * PAGE);
	CHECK(heard[2].call == CALL_END && heard[2].end == BASE + 4 * PAGE);
	end();
}

static void late_notifier_hears_no_end(void)
{
	mm = host_mm_create();
	host_mm_window_open(mm, BASE, 4);
	CHECK(host_mm_notifier_register(mm, &notifier) == 0);
	listen_to(0);
	host_mm_window_close(mm, BASE, 4);
	CHECK(heard_count == 0);
	end();
}

static void release_comes_once(void)
{
	begin();
	area(BASE, 8, 1, true);
	fault(BASE, true);
	host_mm_destroy(mm); /* the process ends before its VM does */
	CHECK(heard_count == 1 && heard[0].call == CALL_RELEASE);
	CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
	CHECK(!is_mapped(BASE));
	host_mm_notifier_unregister(mm, &notifier);
	CHECK(heard_count == 1);
	host_rcu_barrier();
	CHECK(host_pages_live(HOST_PAGE_CORE) == 0);

	begin();
	host_mm_notifier_unregister(mm, &notifier); /* the VM ends first */
	CHECK(heard_count == 1 && heard[0].call == CALL_RELEASE);
	host_mm_destroy(mm);
	CHECK(heard_count == 1);
}

static unsigned int born, dropped;

static void on_born(mmu_pfn_t pfn, unsigned int order)
{
	CHECK(host_page(pfn)->kind == HOST_PAGE_ANON);
	born += 1U << order;
}

static void on_drop(mmu_pfn_t pfn, unsigned int order)
{
	CHECK(host_may_sleep("drop"));
	CHECK(host_page(pfn)->order == order);
	dropped += 1U << order;
	host_pages_free(pfn, order);
}

static void lifetime_hooks_see_each_page_once(void)
{
	static const struct host_page_lifetime hooks = { .born = on_born, .drop = on_drop };

	host_set_page_lifetime(&hooks);
	quiet = true;
	begin();
	area(BASE, 4 * HUGE / PAGE, 2, true);
	store(BASE, 1);
	CHECK(host_mm_split(mm, BASE) == 0);
	host_mm_unmap(mm, BASE, 512);
	CHECK(born == 512 && dropped == 512);
	store(BASE + HUGE, 1);
	CHECK(host_mm_migrate(mm, BASE + HUGE) == 0);
	end();
	CHECK(born == 512 * 3 && dropped == born);
	quiet = false;
	host_set_page_lifetime(NULL);
}

/* --------------------------------------------------------------------------------------------- all at the same time */

#define STORM_FRAMES 4
/* A round at most: where time is virtual, copying a huge page takes none. */
#define STORM_CHANGES 400
#define STORM_FAULTS 20000

static uint32_t storm_stop;
static bool storm_keeps; /* no unmapping: what was written stays */

static void fault_storm(void *argument)
{
	uint64_t own = (uint64_t)(uintptr_t)argument; /* each writes words of its own */

	for (uint64_t i = 1; i <= STORM_FAULTS && !get(&storm_stop); i++) {
		hva_t hva = BASE + (host_random() % (STORM_FRAMES * 512)) * PAGE + own * 8;
		struct host_mm_mapping mapping;
		uint64_t seen;

		CHECK(host_mm_write(mm, hva, &i, 8) == 0);
		CHECK(host_mm_read(mm, hva, &seen, 8) == 0);
		CHECK(seen == i || (seen == 0 && !storm_keeps));
		(void)host_mm_lookup(mm, hva, &mapping);
	}
}

static void change_storm(void *argument)
{
	for (int i = 0; i < STORM_CHANGES && !get(&storm_stop); i++) {
		hva_t hva = BASE + (host_random() % (STORM_FRAMES * 512)) * PAGE;

		switch (host_random() % 6) {
		case 0:
			if (!storm_keeps)
				host_mm_unmap(mm, hva, 1);
			break;
		case 1:
			host_mm_protect(mm, hva, 1);
			break;
		case 2:
			host_mm_migrate(mm, hva);
			break;
		case 3:
			host_mm_split(mm, hva);
			break;
		case 4:
			host_mm_collapse(mm, hva);
			break;
		default:
			host_mm_age(mm, hva, 1, 1);
		}
	}
	(void)argument;
}

/* A page that is mapped when all is quiet is neither free nor revoked, and writable unless marked. */
static void audit(void)
{
	for (hva_t hva = BASE; hva < BASE + STORM_FRAMES * HUGE; hva += PAGE) {
		struct host_mm_mapping mapping;

		if (!host_mm_lookup(mm, hva, &mapping))
			continue;
		const struct host_page *page = host_page(mapping.pfn);

		CHECK(page->kind == HOST_PAGE_ANON && page->owner == host_mm_id(mm) && page->location == hva / PAGE);
		CHECK(page->flags == (mapping.writable ? 0 : HOST_PAGE_READONLY));
	}
}

static void everything_at_once(void)
{
	struct host_config config = *host_configuration();
	struct host_thread *threads[4];

	config.preempt_ppm = 20000;
	config.alloc_fail_ppm = 1000;
	host_configure(&config);
	quiet = true;
	begin();
	area(BASE, STORM_FRAMES * HUGE / PAGE, 2, true);
	for (int round = 0; round < 6; round++) {
		storm_keeps = round % 2;
		set(&storm_stop, 0);
		for (uintptr_t i = 0; i < 4; i++)
			threads[i] = start("storm", i % 2 ? change_storm : fault_storm, (void *)i);
		host_event_wait(&storm_stop, host_event_key(&storm_stop), 60000000);
		set(&storm_stop, 1);
		for (int i = 0; i < 4; i++)
			host_thread_join(threads[i]);
		audit();
	}
	end();
	quiet = false;
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(areas_are_checked);
	RUN(faults_fill_in);
	RUN(faults_take_the_largest_page_that_fits);
	RUN(short_memory_makes_small_pages);
	RUN(copies_cross_pages);
	RUN(unmap_revokes_and_frees);
	RUN(fault_beside_a_change_stays_small);
	RUN(area_removal_unmaps);
	RUN(protect_then_write_breaks_cow);
	RUN(migrate_keeps_small_contents);
	RUN(migrate_keeps_huge_contents);
	RUN(migrate_keeps_giant_contents);
	RUN(split_keeps_pages);
	RUN(collapse_keeps_contents);
	RUN(failed_page_stays_failed);
	RUN(ageing_clears_and_asks);
	RUN(windows_are_heard);
	RUN(late_notifier_hears_no_end);
	RUN(release_comes_once);
	RUN(lifetime_hooks_see_each_page_once);
	RUN(everything_at_once);
	return 0;
}
