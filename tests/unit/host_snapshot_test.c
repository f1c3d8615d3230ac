// SPDX-License-Identifier: GPL-2.0-only
/* host_snapshot_test.c - snapshots bring everything back, from wherever a run was given up, as often as one likes. */
#include "host_check.h"
#include "mmu_core/schedule.h"

#define OBJECTS 300
#define PAGES 200
#define RUNS 200

static const struct host_lock_class spin_class = { .name = "spin" }, mutex_class = { .name = "mutex", .sleeps = true };

/* What a run finds and changes: none of it is this test's own memory. */
struct things {
	struct host_lock spin, mutex;
	uint64_t *object[OBJECTS];
	mmu_pfn_t page[PAGES], huge;
	struct host_mm *mm;
	struct host_srcu *srcu;
	uint64_t *extra;
};

static struct things *things;
static struct host_snapshot *snapshot;

static struct things *make_things(void)
{
	const struct host_mm_area area = { .start = HOST_HVA_BASE, .npages = 1024, .level_max = 2, .writable = true };
	struct things *made = host_memory_alloc(sizeof(*made));

	for (unsigned int i = 0; i < OBJECTS; i++) {
		made->object[i] = host_alloc(8 + i * 8, 0, HOST_ALLOC_ZERO);
		made->object[i][i] = i;
	}
	for (unsigned int i = 0; i < PAGES; i++) {
		made->page[i] = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO);
		*(uint64_t *)host_pfn_to_va(made->page[i]) = i;
	}
	made->huge = host_pages_alloc(9, HOST_PAGE_ANON, HOST_ALLOC_ZERO);
	*(uint64_t *)host_pfn_to_va(made->huge + 77) = 77;
	made->mm = host_mm_create();
	CHECK(!host_mm_area_add(made->mm, &area));
	CHECK(!host_mm_write(made->mm, HOST_HVA_BASE, "before", 6));
	made->srcu = host_srcu_create();
	return made;
}

static void check_things(void)
{
	char text[6];

	for (unsigned int i = 0; i < OBJECTS; i++)
		CHECK(things->object[i][i] == i && host_alloc_usable(things->object[i]) == 8 + i * 8);
	for (unsigned int i = 0; i < PAGES; i++) {
		CHECK(*(uint64_t *)host_pfn_to_va(things->page[i]) == i);
		CHECK(host_page(things->page[i])->kind == HOST_PAGE_CORE);
	}
	CHECK(host_page(things->huge)->kind == HOST_PAGE_ANON);
	CHECK(*(uint64_t *)host_pfn_to_va(things->huge + 77) == 77);
	CHECK(!host_mm_read(things->mm, HOST_HVA_BASE, text, 6) && !memcmp(text, "before", 6));
	CHECK(!things->extra && !host_lock_is_locked(&things->spin, HOST_LOCK_EXCLUSIVE));
	CHECK(host_locks_held_count() == 0);
}

static void take_huge(unsigned int seed)
{
	mmu_pfn_t huge = host_pages_alloc(9, HOST_PAGE_ANON, HOST_ALLOC_ZERO);

	for (unsigned int page = 0; page < 512; page += 7)
		CHECK(!*(uint64_t *)host_pfn_to_va(huge + page));
	*(uint64_t *)host_pfn_to_va(huge + 7) = seed;
}

/* Changes, frees and makes; what is new is as clean as it was the first time. */
static void spoil(unsigned int seed)
{
	for (unsigned int i = seed % 7; i < OBJECTS; i += 7) {
		things->object[i][i] = ~0UL;
		host_free(things->object[i]);
	}
	for (unsigned int i = seed % 5; i < PAGES; i += 5) {
		*(uint64_t *)host_pfn_to_va(things->page[i]) = ~0UL;
		host_pages_free(things->page[i], 0);
	}
	*(uint64_t *)host_pfn_to_va(things->huge + 77) = seed;
	*(uint64_t *)host_pfn_to_va(things->huge + 78) = seed;
	if (seed % 3)
		host_pages_free(things->huge, 9);
	CHECK(!host_mm_write(things->mm, HOST_HVA_BASE, "after!", 6));
	if (seed % 2)
		host_mm_unmap(things->mm, HOST_HVA_BASE, 1);
	for (unsigned int i = 0; i < 20 + seed % 50; i++) {
		mmu_pfn_t pfn = host_pages_alloc(seed % 4, HOST_PAGE_CORE, HOST_ALLOC_ZERO);
		uint64_t *words = host_pfn_to_va(pfn);

		for (unsigned int word = 0; word < 512u << seed % 4; word += 64) {
			CHECK(!words[word]);
			words[word] = seed;
		}
		things->extra = host_alloc(64, 0, HOST_ALLOC_ZERO);
		CHECK(!things->extra[7]);
		things->extra[7] = seed;
	}
	take_huge(seed);
}

static void bump(struct host_rcu_head *head)
{
	host_free(head);
}

/* ----------------------------------------------------------------------------------------------------- ways to end */

static void end_here(void *argument)
{
	const unsigned int *seed = argument;
	int index = host_srcu_read_lock(things->srcu);

	host_rcu_call(host_alloc(32, 0, 0), bump);
	host_lock_acquire(&things->mutex, HOST_LOCK_EXCLUSIVE, &things->mutex, &mutex_class);
	spoil(*seed);
	host_lock_acquire(&things->spin, HOST_LOCK_EXCLUSIVE, &things->spin, &spin_class);
	host_irq_disable();
	if (*seed % 4 != 3)
		host_attempt_abandon();
	host_irq_enable();
	host_lock_release(&things->spin, HOST_LOCK_EXCLUSIVE, &things->spin);
	host_lock_release(&things->mutex, HOST_LOCK_EXCLUSIVE, &things->mutex);
	host_srcu_read_unlock(things->srcu, index);
}

static void wait_for_mutex(void *unused)
{
	(void)unused;
	host_lock_acquire(&things->mutex, HOST_LOCK_EXCLUSIVE, &things->mutex, &mutex_class);
	host_lock_release(&things->mutex, HOST_LOCK_EXCLUSIVE, &things->mutex);
}

static void in_threads(void *argument)
{
	struct host_thread *a = start("ends", end_here, argument), *b = start("waits", wait_for_mutex, NULL);

	host_thread_join(a);
	host_thread_join(b);
	host_srcu_synchronize(things->srcu);
}

static unsigned int attempts(unsigned int runs)
{
	unsigned int given_up = 0;

	for (unsigned int seed = 0; seed < runs; seed++) {
		given_up += !host_attempt(seed % 8 < 4 ? in_threads : end_here, &seed);
		CHECK(!host_attempting());
		host_snapshot_restore(snapshot);
		check_things();
	}
	return given_up;
}

/* ----------------------------------------------------------------------------------------------------------- tests */

static void comes_back_from_anywhere(void)
{
	CHECK(attempts(RUNS) == RUNS * 3 / 4);
}

/* Two that are used in turn: the second one has what the first one has not. */
static void two_snapshots(void)
{
	const struct host_snapshot *first = snapshot;
	struct host_snapshot *second;

	things->extra = host_alloc(5000, 0, HOST_ALLOC_ZERO);
	things->extra[100] = 100;
	host_pages_free(things->page[0], 0);
	host_free(things->object[1]);
	second = host_snapshot_take();
	for (unsigned int seed = 0; seed < 40; seed++) {
		CHECK(things->extra[100] == 100 && host_page(things->page[0])->kind == HOST_PAGE_FREE);
		things->extra[100] = seed;
		host_snapshot_restore(first);
		check_things();
		(void)!host_attempt(in_threads, &seed);
		host_snapshot_restore(seed % 2 ? second : first);
		if (seed % 2 == 0)
			check_things();
		host_snapshot_restore(second);
	}
	host_snapshot_restore(first);
	host_snapshot_free(second);
}

static unsigned int draws;

static uint64_t draw(void *context)
{
	(void)context;
	return ++draws;
}

static unsigned int pick(void *context, const struct host_choice *choice)
{
	uint64_t enabled = choice->enabled;

	(void)context;
	for (uint64_t skip = ++draws % (uint64_t)__builtin_popcountll(enabled); skip; skip--)
		enabled &= enabled - 1;
	return (unsigned int)__builtin_ctzll(enabled);
}

/* From the same state the same happens, to the last point. */
static void same_again(void)
{
	const struct host_schedule schedule = { .pick = pick, .draw = draw };
	uint64_t hash = 0;

	for (unsigned int run = 0; run < 20; run++) {
		unsigned int seed = 3;

		draws = 0;
		host_schedule_begin(&schedule);
		CHECK(host_attempt(in_threads, &seed));
		CHECK(!run || hash == host_schedule_trace().hash);
		hash = host_schedule_trace().hash;
		host_snapshot_restore(snapshot);
	}
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	things = make_things();
	snapshot = host_snapshot_take();
	CHECK(snapshot);
	RUN(comes_back_from_anywhere);
	RUN(two_snapshots);
	RUN(same_again);
	if (reports_total())
		puts(last_report.text);
	CHECK(reports_total() == 0);
	return 0;
}
