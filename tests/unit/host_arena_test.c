// SPDX-License-Identifier: GPL-2.0-only
/* host_arena_test.c - pages: zones, meta data, zeroes, poison, quarantine. */
#include "host_check.h"

#define QUARANTINE 4096

/* Stands for a core or a guest that writes through a stale translation. */
__attribute__((no_sanitize("address", "thread"))) static void stray_write(mmu_pfn_t pfn, size_t word, uint64_t value)
{
	((volatile uint64_t *)host_pfn_to_va(pfn))[word] = value;
}

__attribute__((no_sanitize("address", "thread"))) static uint64_t stray_read(mmu_pfn_t pfn, size_t word)
{
	return ((volatile uint64_t *)host_pfn_to_va(pfn))[word];
}

static mmu_pfn_t alloc(unsigned int order)
{
	mmu_pfn_t pfn = host_pages_alloc(order, HOST_PAGE_CORE, HOST_ALLOC_ZERO);

	CHECK(pfn != MMU_NO_PFN);
	return pfn;
}

static void blocks_are_aligned_and_described(void)
{
	static const unsigned int orders[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 18 };

	for (unsigned int i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		unsigned int order = orders[i];
		mmu_pfn_t pfn = host_pages_alloc(order, HOST_PAGE_ANON, HOST_ALLOC_ZERO), last;

		last = pfn + (1UL << order) - 1;
		CHECK(pfn != MMU_NO_PFN && pfn != 0);
		CHECK(!(pfn & ((1UL << order) - 1)));
		CHECK(host_page(pfn)->kind == HOST_PAGE_ANON && host_page(last)->kind == HOST_PAGE_ANON);
		CHECK(host_page(pfn)->order == order);
		CHECK(host_pages_live(HOST_PAGE_ANON) == 1UL << order);
		CHECK(stray_read(pfn, 0) == 0 && stray_read(last, 511) == 0);
		stray_write(last, 511, 42);
		host_page_describe(last, 7, 8);
		CHECK(host_page(last)->owner == 7 && host_page(last)->location == 8);
		host_page_set_flags(pfn, 1UL << order, HOST_PAGE_REVOKED | HOST_PAGE_READONLY, 0);
		host_page_set_flags(pfn, 1UL << order, 0, HOST_PAGE_READONLY);
		CHECK(host_page(last)->flags == HOST_PAGE_REVOKED);
		host_pages_free(pfn, order);
		CHECK(host_page(last)->kind == HOST_PAGE_FREE);
		CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
	}
	CHECK(!host_page(HOST_ARENA_PAGES));
	CHECK(host_va_to_pfn(host_pfn_to_va(5)) == 5);
}

static void epoch_grows_with_each_free(void)
{
	mmu_pfn_t pfn = alloc(0);
	uint32_t epoch = host_page(pfn)->epoch;

	host_pages_free(pfn, 0);
	CHECK(host_page(pfn)->epoch == epoch + 1);
}

static void freed_page_is_poison_for_long(void)
{
	mmu_pfn_t pfn = alloc(0);
	unsigned int others = 0;

	stray_write(pfn, 100, 1);
	host_pages_free(pfn, 0);
	CHECK(stray_read(pfn, 100) == 0xa5a5a5a5a5a5a5a5);
	for (; others < 100000; others++) {
		mmu_pfn_t other = alloc(0);

		if (other == pfn)
			break;
		host_pages_free(other, 0);
	}
	CHECK(others >= QUARANTINE);
	CHECK(others < 100000); /* but not for ever */
	CHECK(stray_read(pfn, 100) == 0);
	host_pages_free(pfn, 0);
	CHECK(reports_total() == 0);
}

static void write_to_freed_page_is_found(enum host_page_kind kind)
{
	mmu_pfn_t pfn = host_pages_alloc(0, kind, 0);

	host_pages_free(pfn, 0);
	stray_write(pfn, 511, 0x1234);
	for (unsigned int i = 0; i < 100000 && !reports_total(); i++)
		host_pages_free(alloc(0), 0);
	CHECK_REPORT(HOST_REPORT_MEMORY, "was written after it was freed: 0x1234 at offset 4088");
}

static void write_to_freed_table_is_found(void)
{
	write_to_freed_page_is_found(HOST_PAGE_CORE);
}

static void write_to_freed_data_is_found(void)
{
	write_to_freed_page_is_found(HOST_PAGE_ANON);
}

static void wrong_free_is_found(void)
{
	mmu_pfn_t pfn = alloc(2);

	host_pages_free(pfn, 1);
	CHECK_REPORT(HOST_REPORT_MEMORY, "of another order");
	host_pages_free(pfn, 2);
	host_pages_free(pfn, 2);
	CHECK_REPORT(HOST_REPORT_MEMORY, "free already");
}

static void huge_blocks_come_back_zero(void)
{
	mmu_pfn_t first = alloc(9), pfn = first;

	stray_write(first, 1000, 1);
	host_pages_free(first, 9);
	for (unsigned int i = 0; i < 100; i++) {
		pfn = alloc(9);
		if (pfn == first)
			break;
		host_pages_free(pfn, 9);
	}
	CHECK(pfn == first);
	CHECK(stray_read(first, 1000) == 0);
	host_pages_free(first, 9);
}

static void zones_end(void)
{
	static mmu_pfn_t pfns[4096];
	unsigned int count = 0;

	while ((pfns[count] = host_pages_alloc(9, HOST_PAGE_ANON, 0)) != MMU_NO_PFN)
		count++;
	CHECK(count == 3072); /* 6 GiB */
	host_pages_free(alloc(0), 0);
	while (count)
		host_pages_free(pfns[--count], 9);
	CHECK(host_pages_live(HOST_PAGE_ANON) == 0);
}

static void failures_are_injected(void)
{
	unsigned int failed = 0;

	fail_allocations(500000);
	for (int i = 0; i < 100; i++) {
		mmu_pfn_t pfn = host_pages_alloc(0, HOST_PAGE_CORE, 0);

		failed += pfn == MMU_NO_PFN;
		if (pfn != MMU_NO_PFN)
			host_pages_free(pfn, 0);
		pfn = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_NOFAIL);
		CHECK(pfn != MMU_NO_PFN);
		host_pages_free(pfn, 0);
	}
	CHECK(failed > 20 && failed < 80);
	fail_allocations(0);
}

static void sleeping_allocation_in_atomic_is_found(void)
{
	mmu_pfn_t pfn;

	host_preempt_disable();
	pfn = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ATOMIC);
	CHECK(reports_total() == 0);
	host_pages_free(pfn, 0);
	pfn = host_pages_alloc(0, HOST_PAGE_CORE, 0);
	host_pages_free(pfn, 0);
	host_preempt_enable();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "host_pages_alloc may sleep");
}

static mmu_pfn_t handed[64];
static uint32_t turns;

static void alloc_here_free_there(void *argument)
{
	unsigned int self = (unsigned int)(uintptr_t)argument;

	for (int round = 0; round < 50; round++) {
		while (get(&turns) % 2 != self)
			host_yield();
		for (int i = 0; i < 64; i++) {
			if (handed[i])
				host_pages_free(handed[i], 0);
			handed[i] = alloc(0);
			CHECK(stray_read(handed[i], 3) == 0);
			stray_write(handed[i], 3, 1);
		}
		__atomic_add_fetch(&turns, 1, __ATOMIC_SEQ_CST);
	}
}

static void pages_move_between_cpus(void)
{
	uint64_t live = host_pages_live(HOST_PAGE_CORE);
	struct host_thread *thread = start("other", alloc_here_free_there, (void *)1);

	alloc_here_free_there((void *)0);
	host_thread_join(thread);
	CHECK(host_pages_live(HOST_PAGE_CORE) == live + 64);
	CHECK(reports_total() == 0);
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(blocks_are_aligned_and_described);
	RUN(epoch_grows_with_each_free);
	RUN(freed_page_is_poison_for_long);
	RUN(write_to_freed_table_is_found);
	RUN(write_to_freed_data_is_found);
	RUN(wrong_free_is_found);
	RUN(huge_blocks_come_back_zero);
	RUN(zones_end);
	RUN(failures_are_injected);
	RUN(sleeping_allocation_in_atomic_is_found);
	RUN(pages_move_between_cpus);
	return 0;
}
