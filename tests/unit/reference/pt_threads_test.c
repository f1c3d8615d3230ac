// SPDX-License-Identifier: GPL-2.0-only
/*
 * pt_threads_test.c - threads that map in SHARED mode, one that takes away in EXCLUSIVE mode and yields, and one that
 * walks without any lock, as hardware does.
 *
 * What the walker reaches must be a page that this place may have; afterwards the counts agree and nothing is left.
 * Under TSan this is also the test that tables are published and freed in order.
 */
#include "../host_check.h"
#include "formats.h"

#define MAPPERS 2
#define ROUNDS 4000
#define SPAN 1024 /* pages: two leafs of level 2 */

static const struct host_lock_class lock_class = { .name = "test tree", .rank = 60 };

static struct host_lock lock;
static struct pt_tree tree;
static const struct format_case *row;
static int64_t leafs;
static uint32_t mappers_done;

static void changed(struct pt_tree *in, const struct pt_change *change)
{
	struct pt_entry old = pt_decode(in->format, change->old, change->level);
	struct pt_entry new = pt_decode(in->format, change->new, change->level);

	__atomic_add_fetch(&leafs, (new.kind == PT_LEAF) - (old.kind == PT_LEAF), __ATOMIC_RELAXED);
}

static bool wants_yield(struct pt_tree *in)
{
	(void)in;
	return host_lock_contended(&lock);
}

static void yield(struct pt_tree *in, enum pt_mode mode)
{
	enum host_lock_mode held = mode == PT_SHARED ? HOST_LOCK_SHARED : HOST_LOCK_EXCLUSIVE;

	(void)in;
	host_lock_release(&lock, held, &lock);
	host_lock_acquire(&lock, held, &lock, &lock_class);
}

static const struct pt_hooks hooks = { .changed = changed, .wants_yield = wants_yield, .yield = yield };

static void mapper(void *argument)
{
	struct pt_cache cache = { 0 };

	(void)argument;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t ipn = host_random() % SPAN;
		struct pt_mapping mapping = {
			.ipn = ipn,
			.opn = SPAN + ipn,
			.level = host_random() % 8 ? 1 : 2,
			.attrs = PT_READ | PT_ACCESSED | PT_SOFT_1 | (host_random() % 2 ? PT_WRITE : 0),
			.needs = PT_READ,
			.cache = &cache,
		};
		struct pt_iter iter;

		CHECK(!pt_cache_fill(&cache, tree.format, PT_LEVELS_MAX));
		host_lock_acquire(&lock, HOST_LOCK_SHARED, &lock, &lock_class);
		CHECK(pt_map(&tree, &mapping, PT_SHARED) != PT_CONFLICT);
		host_lock_release(&lock, HOST_LOCK_SHARED, &lock);

		host_rcu_read_lock();
		if (pt_lookup(&tree, ipn, &iter).kind == PT_LEAF)
			pt_try_change(&iter, PT_WRITE, PT_DIRTY);
		host_rcu_read_unlock();
	}
	pt_cache_drain(&cache);
	__atomic_add_fetch(&mappers_done, 1, __ATOMIC_SEQ_CST);
}

static void unmapper(void *argument)
{
	const struct pt_protection clear = { PT_WRITE, PT_WRITE };

	(void)argument;
	while (get(&mappers_done) < MAPPERS) {
		uint64_t start = host_random() % SPAN;

		host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &lock_class);
		switch (host_random() % 4) {
		case 0:
			pt_unmap(&tree, start, start + 64, NULL, true, false);
			break;
		case 1:
			pt_protect(&tree, start, start + 64, clear, PT_EXCLUSIVE);
			break;
		case 2:
			pt_age(&tree, start, start + 64, NULL, true);
			break;
		default:
			pt_clear(&tree, 2, PT_EXCLUSIVE);
			break;
		}
		host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
		host_yield();
	}
}

static void walker(void *argument)
{
	struct arch_tables tables = row->tables;

	(void)argument;
	tables.root = root_address(&tree);
	while (get(&mappers_done) < MAPPERS) {
		uint64_t ipn = host_random() % SPAN;
		struct arch_leaf leaf;
		enum arch_result result;

		host_rcu_read_lock();
		result = arch_walk(&tables, ipn << tree.format->page_shift, &leaf);
		host_rcu_read_unlock();
		CHECK(result != ARCH_RESERVED);
		if (result == ARCH_MAPPED)
			CHECK(leaf.address == (SPAN + ipn) << tree.format->page_shift);
	}
}

static void everybody_at_once(void)
{
	struct host_thread *threads[MAPPERS + 2];

	mappers_done = 0;
	leafs = 0;
	CHECK(!pt_tree_init(&tree, &row->format, &hooks, 0));
	threads[MAPPERS] = start("unmapper", unmapper, NULL);
	threads[MAPPERS + 1] = start("walker", walker, NULL);
	for (unsigned int i = 0; i < MAPPERS; i++)
		threads[i] = start("mapper", mapper, NULL);
	for (unsigned int i = 0; i < MAPPERS + 2; i++)
		host_thread_join(threads[i]);

	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &lock_class);
	pt_clear(&tree, tree.format->levels, PT_EXCLUSIVE);
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
	CHECK(leafs == 0);
	pt_tree_destroy(&tree);
	host_rcu_barrier();
	CHECK(!host_pages_live(HOST_PAGE_CORE));
}

int main(void)
{
	const struct host_config config = { .seed = 3, .preempt_ppm = 2000 };
	static const unsigned int tried[] = { 0, 2, 4, 8, 11 }; /* EPT with and without A/D, long mode, arm64, riscv */
	static struct format_case cases[FORMAT_CASES];

	host_start(&config);
	format_cases(cases);
	for (unsigned int i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		row = &cases[tried[i]];
		everybody_at_once();
		printf("%s ok\n", row->name);
	}
	CHECK(!reports_total());
	return 0;
}
