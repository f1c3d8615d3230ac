// SPDX-License-Identifier: GPL-2.0-only
/*
 * primary_mmu_table.c - the page tables of an mm, and the data pages they point to.
 *
 * Entries are words that a core reads without a lock (KVM: host_pfn_mapping_level, with interrupts off), so they are
 * stored atomically and a table that is no longer linked is given back after an RCU grace period.
 *
 * An allocation of 2 MiB or 1 GiB may be mapped in pieces after a split; it goes back as a whole when the last piece is
 * gone.  How much of it is mapped is counted beside the arena.
 */
#include <sys/mman.h>

#include "primary_mmu.h"

#define ENTRIES 512
#define UNIT_SHIFT 9
#define COPY_PAGES 512

/* 4 KiB pages that are mapped of each huge allocation, at the number of its first 2 MiB. */
static uint32_t mapped[HOST_ARENA_PAGES >> UNIT_SHIFT];

static uint64_t *table_at(mmu_pfn_t pfn)
{
	return host_pfn_to_va(pfn);
}

static unsigned int index_at(hva_t hva, int level)
{
	return hva >> (MMU_PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static bool is_table(uint64_t value, int level)
{
	return level > 1 && (value & PTE_PRESENT) && !(value & PTE_LARGE);
}

static void entry_store(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

struct leaf table_walk(const struct host_mm *mm, hva_t hva)
{
	mmu_pfn_t table = mm->top;

	for (int level = LEVEL_TOP;; level--) {
		uint64_t *entry = &table_at(table)[index_at(hva, level)];
		uint64_t value = __atomic_load_n(entry, __ATOMIC_ACQUIRE);

		if (!is_table(value, level))
			return (struct leaf){ entry, value, level, hva_align(hva, level) };
		table = entry_pfn(value);
	}
}

bool table_next_locked(const struct host_mm *mm, hva_t *at, hva_t end, struct leaf *leaf)
{
	while (*at < end) {
		*leaf = table_walk(mm, *at);
		*at = hva_after(*at, leaf->level);
		if (leaf->value)
			return true;
	}
	return false;
}

/* Tables are never short: a host that has no page for a table has worse trouble than what is tested here. */
static mmu_pfn_t table_new(void)
{
	mmu_pfn_t table = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO | HOST_ALLOC_ATOMIC | HOST_ALLOC_NOFAIL);

	HOST_ASSERT(table != MMU_NO_PFN);
	return table;
}

void table_install_locked(struct host_mm *mm, hva_t hva, int level, uint64_t value)
{
	for (;;) {
		struct leaf leaf = table_walk(mm, hva);

		HOST_ASSERT(!leaf.value && leaf.level >= level);
		if (leaf.level == level) {
			entry_store(leaf.entry, value);
			return;
		}
		entry_store(leaf.entry,
			    table_new() << MMU_PAGE_SHIFT | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED);
	}
}

/* Takes the mapping away; @value is what stands there instead. */
void table_clear_locked(const struct leaf *leaf, uint64_t value, struct dropped *dropped)
{
	entry_store(leaf->entry, value);
	if (leaf_present(leaf))
		unit_unmapped_locked(entry_pfn(leaf->value), mmu_level_npages(leaf->level), dropped);
}

void table_split_locked(const struct leaf *leaf, mmu_pfn_t table)
{
	int child_level = leaf->level - 1;
	uint64_t bits = leaf->value & (PTE_WRITE | PTE_ACCESSED | PTE_DIRTY);

	for (uint64_t i = 0; i < ENTRIES; i++)
		entry_store(&table_at(table)[i],
			    leaf_value(entry_pfn(leaf->value) + i * mmu_level_npages(child_level), child_level, bits));
	entry_store(leaf->entry, table << MMU_PAGE_SHIFT | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED);
}

/* ------------------------------------------------------------------------------------------------ tables that go */

struct table_free {
	struct host_rcu_head head; /* first: the callback gets a pointer to it */
	mmu_pfn_t table;
};

static void table_free_now(struct host_rcu_head *head)
{
	struct table_free *later = (struct table_free *)head;

	host_pages_free(later->table, 0);
	host_memory_free(later);
}

static void table_free_later(mmu_pfn_t table)
{
	struct table_free *later = host_memory_alloc(sizeof(*later));

	later->table = table;
	host_rcu_call(&later->head, table_free_now);
}

static bool is_empty(const uint64_t *table)
{
	for (unsigned int i = 0; i < ENTRIES; i++) {
		if (relaxed_load(&table[i]))
			return false;
	}
	return true;
}

static void prune_below(mmu_pfn_t table, int level, hva_t start, hva_t end)
{
	for (hva_t at = start; at < end; at = hva_after(at, level)) {
		uint64_t *entry = &table_at(table)[index_at(at, level)];
		uint64_t value = relaxed_load(entry);
		hva_t stop = hva_after(at, level) < end ? hva_after(at, level) : end;

		if (!is_table(value, level))
			continue;
		prune_below(entry_pfn(value), level - 1, at, stop);
		if (!is_empty(table_at(entry_pfn(value))))
			continue;
		entry_store(entry, 0);
		table_free_later(entry_pfn(value));
	}
}

void table_prune_locked(struct host_mm *mm, hva_t start, hva_t end)
{
	prune_below(mm->top, LEVEL_TOP, start, end);
}

void table_collapse_locked(struct host_mm *mm, hva_t hva, int level, uint64_t value)
{
	mmu_pfn_t table = mm->top;
	uint64_t *entry, old;

	for (int at = LEVEL_TOP;; at--) {
		entry = &table_at(table)[index_at(hva, at)];
		old = relaxed_load(entry);
		HOST_ASSERT(is_table(old, at));
		table = entry_pfn(old);
		if (at == level)
			break;
	}
	HOST_ASSERT(is_empty(table_at(table)));
	entry_store(entry, value);
	table_free_later(table);
}

void table_free_tree(struct host_mm *mm)
{
	ptl_acquire(mm);
	table_prune_locked(mm, HOST_HVA_BASE, HOST_HVA_BASE + HOST_HVA_BYTES);
	HOST_ASSERT(is_empty(table_at(mm->top)));
	ptl_release(mm);
}

/* ------------------------------------------------------------------------------------------------------- data pages */

void unit_born(mmu_pfn_t pfn, unsigned int order)
{
	if (order)
		mapped[pfn >> UNIT_SHIFT] = 1U << order;
}

void unit_unmapped_locked(mmu_pfn_t pfn, uint64_t npages, struct dropped *dropped)
{
	unsigned int order;
	mmu_pfn_t head = arena_unit(pfn, &order);

	if (order) {
		uint32_t *left = &mapped[head >> UNIT_SHIFT];

		HOST_ASSERT(*left >= npages);
		*left -= (uint32_t)npages;
		if (*left)
			return;
	}
	*arena_link(head) = dropped->first;
	dropped->first = (uint32_t)head;
}

/* The core's hook may sleep: without the ptl. */
void drop_all(struct dropped *dropped)
{
	while (dropped->first) {
		unsigned int order;
		mmu_pfn_t head = arena_unit(dropped->first, &order);

		dropped->first = *arena_link(head);
		page_lifetime()->drop(head, order);
	}
}

mmu_pfn_t data_page_new(struct host_mm *mm, hva_t hva, int level, unsigned int flags)
{
	mmu_pfn_t pfn = host_pages_alloc(level_order(level), HOST_PAGE_ANON, flags | HOST_ALLOC_ZERO);

	if (pfn == MMU_NO_PFN)
		return pfn;
	for (uint64_t i = 0; i < mmu_level_npages(level); i++)
		host_page_describe(pfn + i, mm->id, (hva >> MMU_PAGE_SHIFT) + i);
	unit_born(pfn, level_order(level));
	page_lifetime()->born(pfn, level_order(level));
	return pfn;
}

void data_page_copy(mmu_pfn_t to, mmu_pfn_t from, uint64_t npages)
{
	unsigned char resident[COPY_PAGES];

	if (npages == 1) {
		arena_copy_page(to, from);
		return;
	}
	/* Reading what was never written would give the process a page table for it. */
	for (uint64_t done = 0; done < npages; done += COPY_PAGES) {
		HOST_ASSERT(!mincore(host_pfn_to_va(from + done), COPY_PAGES << MMU_PAGE_SHIFT, resident));
		for (uint64_t i = 0; i < COPY_PAGES; i++) {
			if (resident[i] & 1)
				arena_copy_page(to + done + i, from + done + i);
		}
	}
}
