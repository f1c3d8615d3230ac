// SPDX-License-Identifier: GPL-2.0-only
/*
 * primary_mmu_change.c - what a host does to memory behind a running guest.
 *
 * Every change goes the same way: claim the range, start handlers, mark the pages (REVOKED, READONLY), change the
 * entries, drop pages, end handlers, give up the claim.  Between the mark and the change get-user-page may still hand
 * the page out: the core has to notice that a window is open (spec.md 3.3).
 */
#include <errno.h>

#include "primary_mmu.h"

#define BATCH 256 /* leaves a time under the ptl */

static void begin(struct host_mm *mm, struct change *change, hva_t hva, uint64_t npages)
{
	HOST_ASSERT(npages && hva >= HOST_HVA_BASE &&
		    hva + (npages << MMU_PAGE_SHIFT) <= HOST_HVA_BASE + HOST_HVA_BYTES);
	change_begin(mm, change, hva & ~(MMU_PAGE_SIZE - 1), (hva & ~(MMU_PAGE_SIZE - 1)) + (npages << MMU_PAGE_SHIFT));
}

static void mark(const struct leaf *leaf, uint8_t flag)
{
	if (leaf_present(leaf))
		host_page_set_flags(entry_pfn(leaf->value), mmu_level_npages(leaf->level), flag, 0);
}

static void visit_revoke(const struct leaf *leaf, struct dropped *dropped)
{
	(void)dropped;
	mark(leaf, HOST_PAGE_REVOKED);
}

static void visit_unmap(const struct leaf *leaf, struct dropped *dropped)
{
	mark(leaf, HOST_PAGE_REVOKED); /* a fault may have filled a hole since the first round */
	table_clear_locked(leaf, 0, dropped);
}

static void visit_readonly(const struct leaf *leaf, struct dropped *dropped)
{
	(void)dropped;
	mark(leaf, HOST_PAGE_READONLY);
}

static void visit_protect(const struct leaf *leaf, struct dropped *dropped)
{
	(void)dropped;
	mark(leaf, HOST_PAGE_READONLY);
	if (leaf_present(leaf))
		__atomic_fetch_and(leaf->entry, ~PTE_WRITE, __ATOMIC_ACQ_REL);
}

/* Visits the leaves of a range in batches, the ptl held in each.  @visit may change the entry it gets. */
static void for_each_leaf(struct host_mm *mm, hva_t start, hva_t end,
			  void (*visit)(const struct leaf *leaf, struct dropped *dropped))
{
	hva_t at = start;
	bool more = true;

	while (more) {
		struct dropped dropped = { 0 };
		hva_t first = at;
		struct leaf leaf;

		ptl_acquire(mm);
		for (unsigned int i = 0; i < BATCH && (more = table_next_locked(mm, &at, end, &leaf)); i++)
			visit(&leaf, &dropped);
		if (visit == visit_unmap)
			table_prune_locked(mm, first, at < end ? at : end);
		ptl_release(mm);
		drop_all(&dropped);
	}
}

void host_mm_unmap(struct host_mm *mm, hva_t hva, uint64_t npages)
{
	struct change change;

	begin(mm, &change, hva, npages);
	change.blockable = host_random() % 16; /* else: as the OOM reaper does */
	notify_start(mm, &change);
	for_each_leaf(mm, change.start, change.end, visit_revoke);
	host_point(HOST_POINT_STORE, mm);
	for_each_leaf(mm, change.start, change.end, visit_unmap);
	notify_end(mm, &change);
	change_end(mm, &change);
}

void host_mm_protect(struct host_mm *mm, hva_t hva, uint64_t npages)
{
	struct change change;

	begin(mm, &change, hva, npages);
	notify_start(mm, &change);
	for_each_leaf(mm, change.start, change.end, visit_readonly);
	host_point(HOST_POINT_STORE, mm);
	for_each_leaf(mm, change.start, change.end, visit_protect);
	notify_end(mm, &change);
	change_end(mm, &change);
}

/* ------------------------------------------------------------------------------------- other pages, same contents */

static struct leaf leaf_of(struct host_mm *mm, hva_t hva)
{
	struct leaf leaf;

	ptl_acquire(mm);
	leaf = table_walk(mm, hva);
	ptl_release(mm);
	return leaf;
}

/* The range is claimed, so the leaf is still what it was; its accessed and dirty bits may have changed. */
static void replace(struct host_mm *mm, const struct leaf *leaf, mmu_pfn_t new, uint64_t set)
{
	uint64_t npages = mmu_level_npages(leaf->level);
	struct dropped dropped = { 0 };
	uint64_t bits;

	ptl_acquire(mm);
	bits = (relaxed_load(leaf->entry) & (PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)) | set;
	if (!(bits & PTE_WRITE))
		host_page_set_flags(new, npages, HOST_PAGE_READONLY, 0);
	data_page_copy(new, entry_pfn(leaf->value), npages);
	table_clear_locked(leaf, leaf_value(new, leaf->level, bits), &dropped);
	ptl_release(mm);
	drop_all(&dropped);
}

static void move(struct host_mm *mm, struct change *change, const struct leaf *leaf, mmu_pfn_t new, uint64_t set)
{
	notify_start(mm, change);
	mark(leaf, HOST_PAGE_REVOKED);
	host_point(HOST_POINT_STORE, mm);
	replace(mm, leaf, new, set);
	notify_end(mm, change);
}

int host_mm_migrate(struct host_mm *mm, hva_t hva)
{
	struct change change;
	struct leaf leaf;
	int error = -ENOENT;
	mmu_pfn_t new;

	begin(mm, &change, hva, 1);
	leaf = leaf_of(mm, hva);
	if (leaf_present(&leaf)) {
		new = data_page_new(mm, leaf.hva, leaf.level, 0);
		error = new == MMU_NO_PFN ? -ENOMEM : 0;
	}
	if (!error)
		move(mm, &change, &leaf, new, 0);
	change_end(mm, &change);
	return error;
}

/*
 * A page that only this mm uses can be taken over as it is, without telling anybody: permissions only grow.  That and
 * the copy both happen in a host, so both happen here; 1 GiB is never worth a copy.
 */
void break_cow(struct host_mm *mm, hva_t hva)
{
	struct change change;
	struct leaf leaf;
	mmu_pfn_t new = MMU_NO_PFN;

	begin(mm, &change, hva, 1);
	leaf = leaf_of(mm, hva);
	if (!leaf_present(&leaf) || (leaf.value & PTE_WRITE)) {
		change_end(mm, &change);
		return;
	}
	if (leaf.level < MMU_LEVEL_1G && host_random() % 2)
		new = data_page_new(mm, leaf.hva, leaf.level, 0);
	if (new != MMU_NO_PFN) {
		move(mm, &change, &leaf, new, PTE_WRITE);
	} else {
		ptl_acquire(mm);
		host_page_set_flags(entry_pfn(leaf.value), mmu_level_npages(leaf.level), 0, HOST_PAGE_READONLY);
		__atomic_fetch_or(leaf.entry, PTE_WRITE, __ATOMIC_ACQ_REL);
		ptl_release(mm);
	}
	change_end(mm, &change);
}

/* ----------------------------------------------------------------------------------------------- split and collapse */

int host_mm_split(struct host_mm *mm, hva_t hva)
{
	struct change change;
	struct leaf leaf;
	mmu_pfn_t table = MMU_NO_PFN;
	int error = -ENOENT;

	begin(mm, &change, hva, 1);
	leaf = leaf_of(mm, hva);
	if (leaf_present(&leaf) && leaf.level > MMU_LEVEL_4K) {
		table = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
		error = table == MMU_NO_PFN ? -ENOMEM : 0;
	}
	if (!error) {
		notify_start(mm, &change);
		ptl_acquire(mm);
		leaf = table_walk(mm, hva);
		table_split_locked(&leaf, table);
		ptl_release(mm);
		notify_end(mm, &change);
	}
	change_end(mm, &change);
	return error;
}

/* Small pages only, one at least, none of them failed, and room for a huge page: as khugepaged wants it. */
static bool may_collapse(struct host_mm *mm, hva_t start, hva_t end, bool *writable)
{
	const struct area *area;
	unsigned int count = 0;
	struct leaf leaf;
	bool may;

	ptl_acquire(mm);
	area = area_find_locked(mm, start);
	may = area && area->range.level_max >= MMU_LEVEL_2M &&
	      end <= area->range.start + (area->range.npages << MMU_PAGE_SHIFT);
	*writable = area && area->range.writable;
	for (hva_t at = start; may && table_next_locked(mm, &at, end, &leaf); count++)
		may = leaf.level == MMU_LEVEL_4K && leaf_present(&leaf);
	ptl_release(mm);
	return may && count;
}

/* Holes that were filled meanwhile come along: their pages cannot be in use behind the open window. */
static void collapse_into(struct host_mm *mm, const struct change *change, mmu_pfn_t new, bool writable)
{
	struct dropped dropped = { 0 };
	struct leaf leaf;

	ptl_acquire(mm);
	for (hva_t at = change->start; table_next_locked(mm, &at, change->end, &leaf);) {
		mark(&leaf, HOST_PAGE_REVOKED);
		data_page_copy(new + ((leaf.hva - change->start) >> MMU_PAGE_SHIFT), entry_pfn(leaf.value), 1);
		table_clear_locked(&leaf, 0, &dropped);
	}
	if (!writable)
		host_page_set_flags(new, mmu_level_npages(MMU_LEVEL_2M), HOST_PAGE_READONLY, 0);
	table_collapse_locked(mm, change->start, MMU_LEVEL_2M, leaf_value(new, MMU_LEVEL_2M, writable ? PTE_WRITE : 0));
	ptl_release(mm);
	drop_all(&dropped);
}

int host_mm_collapse(struct host_mm *mm, hva_t hva)
{
	hva_t start = hva_align(hva, MMU_LEVEL_2M);
	struct change change;
	mmu_pfn_t new = MMU_NO_PFN;
	bool writable;
	int error = -ENOENT;

	begin(mm, &change, start, mmu_level_npages(MMU_LEVEL_2M));
	if (may_collapse(mm, start, hva_after(hva, MMU_LEVEL_2M), &writable)) {
		new = data_page_new(mm, start, MMU_LEVEL_2M, 0);
		error = new == MMU_NO_PFN ? -ENOMEM : 0;
	}
	if (!error) {
		notify_start(mm, &change);
		for_each_leaf(mm, change.start, change.end, visit_revoke);
		host_point(HOST_POINT_STORE, mm);
		collapse_into(mm, &change, new, writable);
		notify_end(mm, &change);
	}
	change_end(mm, &change);
	return error;
}

/* ------------------------------------------------------------------------------------------------- failure, ageing */

/* One 4 KiB page, claimed.  False: it is no longer one. */
static bool poison_claimed(struct host_mm *mm, struct change *change)
{
	struct leaf leaf = leaf_of(mm, change->start);
	struct dropped dropped = { 0 };

	if (!leaf_present(&leaf) || leaf.level > MMU_LEVEL_4K)
		return false;
	notify_start(mm, change);
	mark(&leaf, HOST_PAGE_REVOKED | HOST_PAGE_POISONED);
	host_point(HOST_POINT_STORE, mm);
	ptl_acquire(mm);
	table_clear_locked(&leaf, PTE_HWPOISON, &dropped);
	ptl_release(mm);
	drop_all(&dropped);
	notify_end(mm, change);
	return true;
}

/* Only the page that failed is lost: huge mappings are split first, as memory_failure() does. */
void host_mm_poison(struct host_mm *mm, hva_t hva)
{
	struct host_mm_mapping mapping;
	bool done = false;

	while (!done && !host_mm_fault(mm, hva, false, true, NULL, &mapping)) {
		struct change change;

		if (mapping.level > MMU_LEVEL_4K) {
			host_mm_split(mm, hva);
			continue;
		}
		begin(mm, &change, hva, 1);
		done = poison_claimed(mm, &change);
		change_end(mm, &change);
	}
}

static bool age_entries(struct host_mm *mm, hva_t start, hva_t end, bool clear)
{
	hva_t at = start;
	bool young = false, more = true;

	while (more) {
		struct leaf leaf;

		ptl_acquire(mm);
		for (unsigned int i = 0; i < BATCH && (more = table_next_locked(mm, &at, end, &leaf)); i++) {
			if (!leaf_present(&leaf))
				continue;
			young |= !!(leaf.value & PTE_ACCESSED);
			if (clear)
				__atomic_fetch_and(leaf.entry, ~PTE_ACCESSED, __ATOMIC_ACQ_REL);
		}
		ptl_release(mm);
	}
	return young;
}

/* Ageing changes no translation: no claim, no invalidation. */
bool host_mm_age(struct host_mm *mm, hva_t hva, uint64_t npages, int how)
{
	hva_t start = hva & ~(MMU_PAGE_SIZE - 1), end = start + (npages << MMU_PAGE_SHIFT);
	bool young = age_entries(mm, start, end, how != 2);

	return notify_young(mm, start, end, how) || young;
}
