// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - table pages and their headers: making, finding, giving back.
 *
 * The header is found from the page by a word that the host keeps for each pfn (host.h, HOST_VMEMMAP_BASE).
 */
#include <errno.h>

#include "plant.h"
#include "pt/parts.h"
#include "sync.h"

static struct pt_table **header_word(mmu_pfn_t pfn)
{
	return (struct pt_table **)(HOST_VMEMMAP_BASE + pfn * HOST_VMEMMAP_STRIDE);
}

struct pt_table *pt_table_at(mmu_pfn_t pfn)
{
	return __atomic_load_n(header_word(pfn), __ATOMIC_RELAXED);
}

void pt_table_set_header(mmu_pfn_t pfn, struct pt_table *table)
{
	__atomic_store_n(header_word(pfn), table, __ATOMIC_RELAXED);
}

/* Nobody can see the page yet, but a CPU that uses a translation from before might: hence atomic. */
static void fill(const struct pt_format *format, struct pt_table *table)
{
	uint64_t *entries = pt_entries(table);

	for (uint64_t i = 0; i < (MMU_PAGE_SIZE << table->order) / sizeof(*entries); i++)
		__atomic_store_n(&entries[i], format->empty, __ATOMIC_RELAXED);
}

static struct pt_table *make(const struct pt_format *format, unsigned int tables_order)
{
	unsigned int order = format->page_shift - MMU_PAGE_SHIFT + tables_order;
	struct pt_table *table = host_alloc(sizeof(*table), 0, HOST_ALLOC_ZERO);
	mmu_pfn_t pfn;

	if (!table)
		return NULL;
	pfn = host_pages_alloc(order, HOST_PAGE_CORE, 0);
	if (pfn == MMU_NO_PFN) {
		host_free(table);
		return NULL;
	}
	table->pfn = (uint32_t)pfn;
	table->order = order;
	pt_table_set_header(pfn, table);
	fill(format, table);
	return table;
}

static void give_back(struct pt_table *table)
{
	pt_table_set_header(table->pfn, NULL);
	host_pages_free(table->pfn, table->order);
	host_free(table);
}

static void grace_period_is_over(struct host_rcu_head *head)
{
	give_back((struct pt_table *)((char *)head - offsetof(struct pt_table, rcu)));
}

void pt_table_free(struct pt_table *table)
{
	if (planted(M_18))
		give_back(table);
	else
		host_rcu_call(&table->rcu, grace_period_is_over);
}

int pt_tree_init(struct pt_tree *tree, const struct pt_format *format, const struct pt_hooks *hooks, uint32_t tag)
{
	*tree = (struct pt_tree){ .format = format, .hooks = hooks, .tag = tag };
	tree->root = make(format, format->root_order);
	if (!tree->root)
		return -ENOMEM;
	tree->root->tree = tree;
	tree->root->tag = tag;
	tree->root->level = format->levels;
	return 0;
}

void pt_tree_destroy(struct pt_tree *tree)
{
	host_rcu_read_lock();
	for (uint64_t i = 0; i < pt_nr_entries(tree->format, tree->format->levels); i++)
		CORE_ASSERT(pt_decode(tree->format, pt_entries(tree->root)[i], tree->format->levels).kind == PT_EMPTY);
	host_rcu_read_unlock();
	pt_table_free(tree->root);
	tree->root = NULL;
}

/* ----------------------------------------------------------------------------------------------------------- cache */

static struct pt_table *table_of(struct pt_links *links)
{
	return (struct pt_table *)((char *)links - offsetof(struct pt_table, links));
}

void pt_cache_put(struct pt_cache *cache, struct pt_table *table)
{
	table->flags = 0;
	table->links.next = cache->first;
	cache->first = &table->links;
	cache->count++;
}

struct pt_table *pt_cache_take(struct pt_cache *cache)
{
	struct pt_table *table;

	CORE_ASSERT(cache->first);
	table = table_of(cache->first);
	cache->first = table->links.next;
	cache->count--;
	return table;
}

int pt_cache_fill(struct pt_cache *cache, const struct pt_format *format, unsigned int count)
{
	while (cache->count < count) {
		struct pt_table *table = make(format, 0);

		if (!table)
			return -ENOMEM;
		pt_cache_put(cache, table);
	}
	return 0;
}

void pt_cache_drain(struct pt_cache *cache)
{
	while (cache->first)
		give_back(pt_cache_take(cache));
}
