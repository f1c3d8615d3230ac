// SPDX-License-Identifier: GPL-2.0-only
/* host_notifier_test.c - the primary MMU: what its notifiers are told, and when. */
#include "host_mm_check.h"

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

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(ageing_clears_and_asks);
	RUN(windows_are_heard);
	RUN(late_notifier_hears_no_end);
	RUN(release_comes_once);
	RUN(lifetime_hooks_see_each_page_once);
	return 0;
}
