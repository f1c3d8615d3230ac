/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * internal.h - what the files of the host share with each other, whichever backend runs them.
 *
 * Locking: the backend-independent files use host_lock (host.h) like any core does, so that they run on every backend.
 */
#ifndef MMU_CORE_HOST_INTERNAL_H
#define MMU_CORE_HOST_INTERNAL_H

#include "mmu_core/host.h"

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define array_length(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) && !defined(HOST_TSAN) /* or of the build: a file that TSan does not see */
#define HOST_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define HOST_ASAN 1
#endif
#endif

#ifdef HOST_TSAN
#include <sanitizer/tsan_interface.h>
#define tsan_release(object) __tsan_release(object)
#define tsan_acquire(object) __tsan_acquire(object)
#else
#define tsan_release(object) ((void)(object))
#define tsan_acquire(object) ((void)(object))
#endif

/*
 * Data pages are written by the simulated CPU as hardware would, outside the C memory model; what is wrong with such an
 * access is found by the page's meta data, not by TSan.
 */
#define NO_TSAN __attribute__((no_sanitize("thread")))
#define NO_ASAN __attribute__((no_sanitize("address")))

#define relaxed_load(pointer) __atomic_load_n(pointer, __ATOMIC_RELAXED)
#define relaxed_store(pointer, value) __atomic_store_n(pointer, value, __ATOMIC_RELAXED)

/* ---------------------------------------------------------------------------------------------------- configuration */

/* config.c.  Fields may change while CPUs run: read them with relaxed_load(). */
extern struct host_config host_settings;
extern uint32_t host_settings_generation;

/* The backend's: the knobs have changed; @on: host_point() has something to do. */
void points_arm(bool on);

/* The backend's: memory for objects, not cleared; NULL: there is no more. */
int memory_init(void);
void *memory_get(size_t align, size_t bytes);
void memory_put(void *block);
/* A write to memory that may be read only.  True: it is a snapshot's business, and may be done again. */
bool memory_write_fault(uintptr_t address);

/* The backend's: what lay in this memory is gone, and what comes to lie there is something else. */
void memory_changes_owner(const void *start, size_t bytes);

/* True @ppm times in a million; draws only when @ppm is not 0. */
static inline bool chance(uint32_t ppm)
{
	return unlikely(ppm) && host_random() % 1000000 < ppm;
}

/* inject.c: asked once by each allocation that may fail, and by each host_resched_wanted(). */
bool inject_alloc_failure(void);
bool inject_resched(void);

/* random.c: splitmix64 (Steele, Lea, Flood 2014): one word of state, any seed is good. */
uint64_t random_next(uint64_t *state);
uint64_t random_seed(uint64_t seed, const char *name, unsigned int number);

/* The chance of @ppm, as the number of draws until it comes true next: at least 1, and never for 0. */
uint64_t random_gap(uint64_t *state, uint32_t ppm);

/* ----------------------------------------------------------------------------------------- life of the host's parts */

int arena_init(void);
void arena_cpu_offline(void);
void arena_return_caches(void); /* of all CPUs, which do nothing meanwhile */
void heap_cpu_offline(void);

/* As host_srcu_create(), but not subject to injected failure. */
struct host_srcu *srcu_new(void);

/*
 * Snapshots (fibres/snapshot.c) bring back what is known of pages and the contents of those that were in use; of the
 * others nobody knows what a run has left in them.
 */
struct arena_range {
	unsigned long base;
	size_t bytes;
};
extern const struct arena_range arena_known[3]; /* meta data, links, the core's struct page */
void arena_for_each_used(void (*use)(void *context, mmu_pfn_t pfn, unsigned int order), void *context);
/* A snapshot has been taken, or brought back: @same, the one that the life before began with. */
void arena_new_life(bool same);

void arena_contents_back(const void *page); /* has been written, whosever it is now */

/* The backend's: the contents of the block are about to be given back to the system. */
void arena_contents_go(mmu_pfn_t pfn, unsigned int order);

/* The hooks that count references to data pages; never NULL. */
const struct host_page_lifetime *page_lifetime(void);

/*
 * Head and order of the allocation that @pfn is part of, by the zone it lies in; order 0 in the zone of small blocks.
 */
mmu_pfn_t arena_unit(mmu_pfn_t pfn, unsigned int *order);

/* arena_meta.c: struct host_page of each pfn, mapped by arena_init(). */
#define ARENA_META_BASE 0x568000000000UL
void arena_meta_born(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind);
void arena_meta_free(mmu_pfn_t pfn, unsigned int order);
void arena_copy_page(mmu_pfn_t to, mmu_pfn_t from); /* contents; @to is zero */

/* arena_asan.c: what ASan is told of pages. */
#ifdef HOST_ASAN
void arena_asan_poison(mmu_pfn_t pfn, unsigned int order);
void arena_asan_unpoison(mmu_pfn_t pfn, unsigned int order);
void arena_asan_new_life(bool same);
#else
#define arena_asan_poison(pfn, order) ((void)(pfn), (void)(order))
#define arena_asan_unpoison(pfn, order) ((void)(pfn), (void)(order))
#define arena_asan_new_life(same) ((void)(same))
#endif

/* One word a pfn, for whoever owns the page to link it into a list. */
uint32_t *arena_link(mmu_pfn_t pfn);

#endif
