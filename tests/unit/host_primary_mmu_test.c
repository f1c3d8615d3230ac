// SPDX-License-Identifier: GPL-2.0-only
/* host_primary_mmu_test.c - the primary MMU: what faults map, and what changes do to pages and contents. */
#include <errno.h>

#include "host_mm_check.h"

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
	unsigned int levels[4] = { 0 };

	begin();
	area(BASE, 64 * HUGE / PAGE, 2, true);
	fail_allocations(500000);
	for (unsigned int i = 0; i < 64; i++)
		levels[fault(BASE + i * HUGE, true).level]++;
	fail_allocations(0);
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
	return 0;
}
