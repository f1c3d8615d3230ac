// SPDX-License-Identifier: GPL-2.0-only
/* host_mm_storm_test.c - the primary MMU: faults and changes of everything at the same time. */
#include "host_mm_check.h"

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
	RUN(everything_at_once);
	return 0;
}
