/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * primary_mmu.h - what the files of the primary MMU share.
 *
 *   primary_mmu.c         an mm's life, areas, notifiers, and which hva ranges are being changed
 *   primary_mmu_table.c   the page tables: walk, install, clear, give back
 *   primary_mmu_fault.c   reading the tables on behalf of others: get-user-page, lookup, copy
 *   primary_mmu_change.c  what a host does to memory: unmap, protect, migrate, split, collapse, poison, age
 *
 * Locking: mm->ptl for tables, areas, changes and windows; it spins, and notifiers are called without it.  Whoever
 * changes present entries first claims their range (change_begin), so changes of one address follow each other and
 * those of different addresses overlap in time.  Filling a hole is no change and needs only the ptl.
 */
#ifndef MMU_CORE_HOST_PRIMARY_MMU_H
#define MMU_CORE_HOST_PRIMARY_MMU_H

#include "internal.h"

/* Intel SDM volume 3A, 4.5: long-mode paging-structure entries. */
#define PTE_PRESENT (1ULL << 0)
#define PTE_WRITE (1ULL << 1)
#define PTE_USER (1ULL << 2)
#define PTE_ACCESSED (1ULL << 5)
#define PTE_DIRTY (1ULL << 6)
#define PTE_LARGE (1ULL << 7)
#define PTE_NX (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL
#define PTE_HWPOISON (1ULL << 9) /* not present, a bit that software may use: the page here has failed */

#define LEVEL_TOP 4

struct area {
	struct host_mm_area range;
	struct area *next;
};

/* A range of hvas whose entries somebody changes, or a window that somebody holds open. */
struct change {
	hva_t start, end;
	uint64_t seq; /* notifiers that registered later hear neither its start nor its end */
	bool blockable;
	struct change *next;
};

struct notifier {
	const struct host_mm_notifier *handlers;
	uint64_t seq;
	uint32_t released;
	struct notifier *next;
};

struct host_mm {
	uint64_t id;
	mmu_pfn_t top;
	struct host_lock ptl;
	struct area *areas;
	struct change *changes, *windows;
	struct host_srcu *srcu; /* notifiers: handlers run in read sections */
	struct notifier *notifiers; /* writers: ptl */
	uint64_t seq; /* of registrations */
	uint64_t begun, ended; /* invalidations */
	bool dead; /* host_mm_destroy() was here; the last notifier takes the rest away */
};

static inline hva_t hva_align(hva_t hva, int level)
{
	return hva & ~((mmu_level_npages(level) << MMU_PAGE_SHIFT) - 1);
}

static inline hva_t hva_after(hva_t hva, int level)
{
	return hva_align(hva, level) + (mmu_level_npages(level) << MMU_PAGE_SHIFT);
}

static inline unsigned int level_order(int level)
{
	return 9 * (unsigned int)(level - 1);
}

/* primary_mmu.c */
void ptl_acquire(struct host_mm *mm);
void ptl_release(struct host_mm *mm);
struct area *area_find_locked(struct host_mm *mm, hva_t hva);
bool change_cuts_locked(const struct host_mm *mm, hva_t start, hva_t end);
/* Claims [start, end), rounded out to the mappings it touches; waits for others. */
void change_begin(struct host_mm *mm, struct change *change, hva_t start, hva_t end);
void change_end(struct host_mm *mm, struct change *change);
void notify_start(struct host_mm *mm, struct change *change);
void notify_end(struct host_mm *mm, struct change *change);
bool notify_young(struct host_mm *mm, hva_t start, hva_t end, int how); /* as host_mm_age() */

/* primary_mmu_table.c */
struct leaf {
	uint64_t *entry;
	uint64_t value;
	int level;
	hva_t hva; /* first that it maps */
};

/* List of allocations whose last mapping is gone, linked through arena_link(). */
struct dropped {
	uint32_t first;
};

static inline mmu_pfn_t entry_pfn(uint64_t value)
{
	return (value & PTE_ADDRESS) >> MMU_PAGE_SHIFT;
}

/* The lowest entry on the way to @hva: a leaf, or one that is not present.  Needs the ptl or an RCU read section. */
struct leaf table_walk(const struct host_mm *mm, hva_t hva);
static inline bool leaf_present(const struct leaf *leaf)
{
	return leaf->value & PTE_PRESENT;
}
static inline mmu_pfn_t leaf_pfn(const struct leaf *leaf, hva_t hva)
{
	return entry_pfn(leaf->value) + ((hva - leaf->hva) >> MMU_PAGE_SHIFT);
}

/* The next leaf, or entry of a failed page, that touches [*at, end); moves *at behind it. */
bool table_next_locked(const struct host_mm *mm, hva_t *at, hva_t end, struct leaf *leaf);
void table_install_locked(struct host_mm *mm, hva_t hva, int level, uint64_t value); /* hole only; makes tables */
void table_clear_locked(const struct leaf *leaf, uint64_t value, struct dropped *dropped);
void table_prune_locked(struct host_mm *mm, hva_t start, hva_t end); /* gives back tables that map nothing */
void table_split_locked(const struct leaf *leaf, mmu_pfn_t table);
void table_collapse_locked(struct host_mm *mm, hva_t hva, int level, uint64_t value); /* instead of an empty table */
void table_free_tree(struct host_mm *mm); /* all of them; nobody walks any more */
void unit_born(mmu_pfn_t pfn, unsigned int order); /* all of it is mapped */
void unit_unmapped_locked(mmu_pfn_t pfn, uint64_t npages, struct dropped *dropped);
void drop_all(struct dropped *dropped);

/* New data page for [hva, + level), described and born; MMU_NO_PFN. */
mmu_pfn_t data_page_new(struct host_mm *mm, hva_t hva, int level, unsigned int flags);
void data_page_copy(mmu_pfn_t to, mmu_pfn_t from, uint64_t npages);
static inline uint64_t leaf_value(mmu_pfn_t pfn, int level, uint64_t bits)
{
	return pfn << MMU_PAGE_SHIFT | PTE_PRESENT | PTE_USER | PTE_NX | (level > 1 ? PTE_LARGE : 0) | bits;
}

/* primary_mmu_change.c: makes the page at @hva writable for its only user, by a copy or by taking it over. */
void break_cow(struct host_mm *mm, hva_t hva);

#endif
