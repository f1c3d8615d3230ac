// SPDX-License-Identifier: GPL-2.0-only
/*
 * arena.c - pages with stable pfns: zones, meta data, poison and quarantine.
 *
 * The arena is one sparse mapping, cut into three zones: small blocks (orders 0 to 8, each 2 MiB chunk serves one
 * order), 2 MiB and 1 GiB blocks.  A block keeps its order for ever, so a pfn alone says which allocation it belongs
 * to.
 *
 * Free blocks wait in a queue that is used from its far end, and only while it is longer than its quarantine or nothing
 * fresh is left: a stale translation finds poison for a good while, not the next owner.  Order 0 goes through a cache
 * on each CPU.  Freed blocks up to 1 MiB are filled with poison, which is looked at before they are given out again;
 * larger ones are given back to the host's kernel, their meta data alone says that they are free.
 *
 * Locking: arena_lock for queues and chunks; meta data are words of their own, read by anyone at any time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "internal.h"

#define LINKS_BASE 0x569000000000UL
#define LEFT_BY_BASE 0x569800000000UL

#define CHUNK_PAGES 512UL
#define ZONE_2M_FIRST (1UL << 19) /* 2 GiB of small blocks before it */
#define ZONE_1G_FIRST (1UL << 21) /* 6 GiB of 2 MiB blocks before it, 56 GiB of 1 GiB blocks after */

#define POISON 0xa5a5a5a5a5a5a5a5ULL
#define NO_LINK 0 /* pfn 0 is never given out: a zero entry in a page table must not point to a real page */

#define ORDER_SMALL_MAX 8
#define ORDER_2M 9
#define ORDER_1G 18
#define QUEUES (ORDER_SMALL_MAX + 3)
#define BATCH 32

/* left_by[pfn]: who has last changed what is in the page, as far as it matters when it is given out. */
#define LEFT_BY_NOBODY 0 /* as mmap() made it: zero */
#define FIRST_LIFE 1u
#define LEFT_BY_OWNER UINT32_MAX /* given out, or used in a run that a snapshot has taken back: anything */

struct queue {
	uint32_t first, last; /* pfns, linked through links[] */
	uint32_t length;
	uint32_t quarantine; /* blocks */
	mmu_pfn_t fresh, fresh_end; /* never given out so far */
};

struct cpu_cache {
	uint32_t ready[BATCH], freed[BATCH];
	unsigned int nr_ready, nr_freed;
	int64_t live[HOST_PAGE_GMEM + 1]; /* 4 KiB pages; freed elsewhere: may be negative */
} __attribute__((aligned(64)));

static struct host_page *const meta = (struct host_page *)ARENA_META_BASE;
static uint32_t *const links = (uint32_t *)LINKS_BASE;

static struct host_lock arena_lock;
static const struct host_lock_class arena_class = { .name = "arena", .sleeps = false };
static struct queue queues[QUEUES];
static mmu_pfn_t next_chunk = CHUNK_PAGES;
static struct cpu_cache caches[HOST_CPUS_MAX];

/* Else the life in which it was filled with poison; a new one begins when a snapshot is restored. */
static uint32_t *const left_by = (uint32_t *)LEFT_BY_BASE;
static HOST_OUTLIVES_RUNS uint32_t life = FIRST_LIFE;

static struct queue *queue_of(unsigned int order)
{
	if (order <= ORDER_SMALL_MAX)
		return &queues[order];
	HOST_ASSERT(order == ORDER_2M || order == ORDER_1G);
	return &queues[order == ORDER_2M ? ORDER_SMALL_MAX + 1 : ORDER_SMALL_MAX + 2];
}

static int map_at(unsigned long base, size_t bytes)
{
	void *got = mmap((void *)base, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got != (void *)base) {
		fprintf(stderr, "cannot map %zu MiB at %#lx: %s\n", bytes >> 20, base,
			got == MAP_FAILED ? strerror(errno) : "something else is there");
		return -ENOMEM;
	}
	madvise(got, bytes, MADV_DONTDUMP);
	return 0;
}

int arena_init(void)
{
	static const uint32_t quarantine[QUEUES] = { 4096, 512, 256, 128, 64, 64, 32, 16, 8, 16, 4 };

	if (map_at(HOST_ARENA_BASE, HOST_ARENA_PAGES << MMU_PAGE_SHIFT) ||
	    map_at(HOST_VMEMMAP_BASE, HOST_ARENA_PAGES * HOST_VMEMMAP_STRIDE) ||
	    map_at(ARENA_META_BASE, HOST_ARENA_PAGES * sizeof(*meta)) ||
	    map_at(LINKS_BASE, HOST_ARENA_PAGES * sizeof(*links)) ||
	    map_at(LEFT_BY_BASE, HOST_ARENA_PAGES * sizeof(*left_by)))
		return -ENOMEM;
	for (unsigned int i = 0; i < QUEUES; i++) {
		uint64_t wanted = host_settings.quarantine_pages ? host_settings.quarantine_pages : quarantine[0];

		queues[i].quarantine = (uint32_t)(quarantine[i] * wanted / quarantine[0]);
	}
	queue_of(ORDER_2M)->fresh = ZONE_2M_FIRST;
	queue_of(ORDER_2M)->fresh_end = ZONE_1G_FIRST;
	queue_of(ORDER_1G)->fresh = ZONE_1G_FIRST;
	queue_of(ORDER_1G)->fresh_end = HOST_ARENA_PAGES;
	return 0;
}

const struct arena_range arena_known[3] = {
	{ ARENA_META_BASE, HOST_ARENA_PAGES * sizeof(*meta) },
	{ LINKS_BASE, HOST_ARENA_PAGES * sizeof(*links) },
	{ HOST_VMEMMAP_BASE, HOST_ARENA_PAGES *HOST_VMEMMAP_STRIDE },
};

uint32_t *arena_link(mmu_pfn_t pfn)
{
	return &links[pfn];
}

mmu_pfn_t arena_unit(mmu_pfn_t pfn, unsigned int *order)
{
	*order = pfn < ZONE_2M_FIRST ? 0 : pfn < ZONE_1G_FIRST ? ORDER_2M : ORDER_1G;
	return pfn & ~((1UL << *order) - 1);
}

/* ---------------------------------------------------------------------------------------------------------- queues */

static void queue_add_locked(struct queue *queue, uint32_t pfn)
{
	links[pfn] = NO_LINK;
	if (queue->length++)
		links[queue->last] = pfn;
	else
		queue->first = pfn;
	queue->last = pfn;
}

static mmu_pfn_t queue_take_locked(struct queue *queue, unsigned int order)
{
	mmu_pfn_t pfn;

	if (queue->fresh == queue->fresh_end && order <= ORDER_SMALL_MAX && queue->length <= queue->quarantine &&
	    next_chunk < ZONE_2M_FIRST) {
		queue->fresh = next_chunk;
		queue->fresh_end = next_chunk += CHUNK_PAGES;
	}
	if (queue->fresh < queue->fresh_end && queue->length <= queue->quarantine) {
		pfn = queue->fresh;
		queue->fresh += 1UL << order;
		return pfn;
	}
	if (!queue->length)
		return MMU_NO_PFN;
	pfn = queue->first;
	queue->first = links[pfn];
	queue->length--;
	return pfn;
}

static void arena_acquire(void)
{
	host_lock_acquire(&arena_lock, HOST_LOCK_EXCLUSIVE, &arena_lock, &arena_class);
}

static void arena_release(void)
{
	host_lock_release(&arena_lock, HOST_LOCK_EXCLUSIVE, &arena_lock);
}

static mmu_pfn_t take(unsigned int order)
{
	struct cpu_cache *cache = &caches[host_cpu_self()];
	mmu_pfn_t pfn;

	if (order == 0 && cache->nr_ready)
		return cache->ready[--cache->nr_ready];
	arena_acquire();
	pfn = queue_take_locked(queue_of(order), order);
	while (order == 0 && pfn != MMU_NO_PFN && cache->nr_ready < BATCH) {
		mmu_pfn_t more = queue_take_locked(queue_of(0), 0);

		if (more == MMU_NO_PFN)
			break;
		cache->ready[cache->nr_ready++] = (uint32_t)more;
	}
	arena_release();
	return pfn;
}

/* Unseen by TSan, as what returns a whole cache: the CPU's own, or of one that does nothing meanwhile. */
NO_TSAN static void flush_freed(struct cpu_cache *cache)
{
	arena_acquire();
	for (unsigned int i = 0; i < cache->nr_freed; i++)
		queue_add_locked(queue_of(0), cache->freed[i]);
	arena_release();
	cache->nr_freed = 0;
}

static void give_back(mmu_pfn_t pfn, unsigned int order)
{
	struct cpu_cache *cache = &caches[host_cpu_self()];

	if (order) {
		arena_acquire();
		queue_add_locked(queue_of(order), (uint32_t)pfn);
		arena_release();
		return;
	}
	cache->freed[cache->nr_freed++] = (uint32_t)pfn;
	if (cache->nr_freed == BATCH)
		flush_freed(cache);
}

NO_TSAN static void return_cache(struct cpu_cache *cache)
{
	flush_freed(cache);
	for (unsigned int i = 0; i < cache->nr_ready; i++)
		cache->freed[i] = cache->ready[i];
	cache->nr_freed = cache->nr_ready;
	cache->nr_ready = 0;
	flush_freed(cache);
}

void arena_cpu_offline(void)
{
	return_cache(&caches[host_cpu_self()]);
}

void arena_return_caches(void)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++)
		return_cache(&caches[cpu]);
}

/* --------------------------------------------------------------------------------------------------------- contents */

/* By an instruction that no sanitizer sees: a data page may have been written by the simulated CPU a moment ago. */
static void fill_unseen(void *address, uint64_t value, size_t bytes)
{
	size_t words = bytes / 8;

	__asm__ volatile("rep stosq" : "+D"(address), "+c"(words) : "a"(value) : "memory");
}

/*
 * Pages of the core are filled in sight of TSan: a table page that somebody may still read when it comes back here is a
 * race.
 */
static void fill(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind, uint64_t value)
{
	size_t bytes = MMU_PAGE_SIZE << order;

	if (kind == HOST_PAGE_CORE)
		memset(host_pfn_to_va(pfn), (int)(value & 0xff), bytes);
	else
		fill_unseen(host_pfn_to_va(pfn), value, bytes);
}

/* Without a branch a word, and made into vectors below -O2, too: this runs for every page that is given out. */
NO_TSAN NO_ASAN __attribute__((no_sanitize("undefined"))) static bool is_poison(const uint64_t *words, size_t count)
{
	uint64_t difference = 0;

#pragma clang loop vectorize(enable) interleave(enable)
	for (size_t i = 0; i < count; i++)
		difference |= words[i] ^ POISON;
	return !difference;
}

NO_TSAN NO_ASAN static void check_poison(mmu_pfn_t pfn, unsigned int order)
{
	const uint64_t *words = host_pfn_to_va(pfn);
	size_t at = 0;

	if (likely(is_poison(words, (MMU_PAGE_SIZE << order) / 8)))
		return;
	while (words[at] == POISON)
		at++;
	host_report(HOST_REPORT_MEMORY, NULL, 0,
		    "page %#llx was written after it was freed: %#llx at offset %zu (it was %s, owner %#llx, "
		    "location %#llx)",
		    (unsigned long long)pfn, (unsigned long long)words[at], at * 8,
		    meta[pfn].location || meta[pfn].owner ? "data" : "the core's", (unsigned long long)meta[pfn].owner,
		    (unsigned long long)meta[pfn].location);
}

static void give_to_system(mmu_pfn_t pfn, unsigned int order)
{
	arena_contents_go(pfn, order);
	madvise(host_pfn_to_va(pfn), MMU_PAGE_SIZE << order, MADV_DONTNEED);
	left_by[pfn] = LEFT_BY_NOBODY;
}

static void set_left_by(mmu_pfn_t pfn, unsigned int order, uint32_t who)
{
	for (mmu_pfn_t i = pfn; i < pfn + (1UL << order); i++)
		relaxed_store(&left_by[i], who);
}

/* Contents of a block that comes back: poison, or for huge ones nothing at all, which reads as zero. */
static void retire_contents(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind)
{
	if (order > ORDER_SMALL_MAX) {
		give_to_system(pfn, order);
		return; /* nor for ASan: to write the shadow would take longer than all else together */
	}
	fill(pfn, order, kind, POISON);
	set_left_by(pfn, order, relaxed_load(&life));
	arena_asan_poison(pfn, order);
}

/* A block may have been cut differently in another life: each of its pages has a past of its own. */
static void prepare_page(mmu_pfn_t pfn, enum host_page_kind kind, unsigned int flags)
{
	uint32_t who = relaxed_load(&left_by[pfn]);

	if (who == LEFT_BY_NOBODY)
		return;
	if (who == relaxed_load(&life))
		check_poison(pfn, 0);
	if (flags & HOST_ALLOC_ZERO)
		fill(pfn, 0, kind, 0);
	else if (who != relaxed_load(&life))
		fill(pfn, 0, kind, POISON);
}

static void prepare_contents(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind, unsigned int flags)
{
	if (order > ORDER_SMALL_MAX) {
		if (left_by[pfn] == LEFT_BY_OWNER)
			give_to_system(pfn, order);
		left_by[pfn] = LEFT_BY_OWNER;
		return;
	}
	arena_asan_unpoison(pfn, order);
	for (mmu_pfn_t i = pfn; i < pfn + (1UL << order); i++)
		prepare_page(i, kind, flags);
	set_left_by(pfn, order, LEFT_BY_OWNER);
}

/* --------------------------------------------------------------------------------------------------- alloc and free */

static void count_live(enum host_page_kind kind, int64_t npages)
{
	int64_t *live = &caches[host_cpu_self()].live[kind];

	relaxed_store(live, *live + npages);
}

mmu_pfn_t host_pages_alloc(unsigned int order, enum host_page_kind kind, unsigned int flags)
{
	mmu_pfn_t pfn;

	HOST_ASSERT(kind != HOST_PAGE_FREE);
	host_point(HOST_POINT_ALLOC, NULL);
	if (!(flags & (HOST_ALLOC_ATOMIC | HOST_ALLOC_NOFAIL)))
		host_may_sleep("host_pages_alloc");
	if (!(flags & HOST_ALLOC_NOFAIL) && inject_alloc_failure())
		return MMU_NO_PFN;
	pfn = take(order);
	if (pfn == MMU_NO_PFN)
		return pfn;
	prepare_contents(pfn, order, kind, flags);
	arena_meta_born(pfn, order, kind);
	count_live(kind, (int64_t)1 << order);
	memory_changes_owner(host_pfn_to_va(pfn), MMU_PAGE_SIZE << order);
	return pfn;
}

void host_pages_free(mmu_pfn_t pfn, unsigned int order)
{
	enum host_page_kind kind;

	HOST_ASSERT(pfn && pfn < HOST_ARENA_PAGES);
	host_point(HOST_POINT_FREE, host_pfn_to_va(pfn));
	kind = relaxed_load(&meta[pfn].kind);
	if (kind == HOST_PAGE_FREE || meta[pfn].order != order) {
		host_report(HOST_REPORT_MEMORY, NULL, 0, "page %#llx is freed with order %u, but it is %s",
			    (unsigned long long)pfn, order,
			    kind == HOST_PAGE_FREE ? "free already" : "of another order");
		return;
	}
	arena_meta_free(pfn, order);
	count_live(kind, -((int64_t)1 << order));
	memory_changes_owner(host_pfn_to_va(pfn), MMU_PAGE_SIZE << order);
	retire_contents(pfn, order, kind);
	give_back(pfn, order);
}

uint64_t host_pages_live(enum host_page_kind kind)
{
	int64_t live = 0;

	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++)
		live += relaxed_load(&caches[i].live[kind]);
	return (uint64_t)live;
}

/* ------------------------------------------------------------------------------------------------------- snapshots */

static void use_blocks(mmu_pfn_t first, mmu_pfn_t end, unsigned int order_min,
		       void (*use)(void *context, mmu_pfn_t pfn, unsigned int order), void *context)
{
	mmu_pfn_t pfn = first;

	while (pfn < end) {
		bool used = meta[pfn].kind != HOST_PAGE_FREE;
		unsigned int order = used ? meta[pfn].order : order_min;

		if (used)
			use(context, pfn, order);
		pfn += 1UL << order;
	}
}

void arena_for_each_used(void (*use)(void *context, mmu_pfn_t pfn, unsigned int order), void *context)
{
	use_blocks(CHUNK_PAGES, next_chunk, 0, use, context);
	use_blocks(ZONE_2M_FIRST, queue_of(ORDER_2M)->fresh, ORDER_2M, use, context);
	use_blocks(ZONE_1G_FIRST, queue_of(ORDER_1G)->fresh, ORDER_1G, use, context);
}

void arena_contents_back(const void *page)
{
	unsigned int order;
	mmu_pfn_t pfn = arena_unit(host_va_to_pfn(page), &order);

	left_by[pfn] = LEFT_BY_OWNER;
}

void arena_new_life(bool same)
{
	HOST_ASSERT(++life != LEFT_BY_OWNER);
	arena_asan_new_life(same);
}

/* -------------------------------------------------------------------------------------------------- reference hooks */

static void nothing_on_birth(mmu_pfn_t pfn, unsigned int order)
{
	(void)pfn;
	(void)order;
}

static const struct host_page_lifetime mapping_only = { .born = nothing_on_birth, .drop = host_pages_free };
static const struct host_page_lifetime *lifetime = &mapping_only;

void host_set_page_lifetime(const struct host_page_lifetime *new_lifetime)
{
	lifetime = new_lifetime ? new_lifetime : &mapping_only;
}

const struct host_page_lifetime *page_lifetime(void)
{
	return lifetime;
}
