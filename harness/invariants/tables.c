// SPDX-License-Identifier: GPL-2.0-only
/*
 * tables.c - table pages: one parent each, headers that tell the truth, and totals that agree.
 *
 *  1. H3  the header found from the page names that page
 *  2. H1  a linked table has one parent entry; header and entry agree on place, gfn and level
 *  3. H4  the core's count of table pages is the number of linked tables, without roots
 *  4. H5  the page statistics are the leafs per level
 *
 * Not verified: shadow-paging tables, which may have many parents (H2) and stand on other lists (H5's first half, H6,
 * H7); that unlinked tables are freed (H10; the census of I-L6 has what is left at the end).
 * Ownership: the map of tables lives from tables_begin() to tables_end().
 * Source: spec.md 7.2.
 */
#include "harness/invariants/audit.h"

/* Open addressing, at most half full. */
struct table_map {
	struct linked_table *slot;
	uint64_t room; /* a power of two */
	uint64_t used;
	uint64_t linked; /* tables that are no roots */
};

struct linked_table {
	bool used;
	struct mmu_table header;
	unsigned int parents;
	/* The last parent entry that was seen. */
	mmu_hpa_t entry_address;
	gfn_t entry_gfn;
	int entry_level;
};

static struct linked_table *probe(const struct table_map *map, mmu_pfn_t pfn)
{
	uint64_t i = (pfn * 0x9e3779b97f4a7c15u) >> 20;

	for (;; i++) {
		struct linked_table *table = &map->slot[i & (map->room - 1)];

		if (!table->used || table->header.pfn == pfn)
			return table;
	}
}

static void grow(struct table_map *map)
{
	struct table_map bigger = { .room = map->room * 2, .used = map->used, .linked = map->linked };

	bigger.slot = host_memory_alloc(bigger.room * sizeof(*bigger.slot));
	for (uint64_t i = 0; i < map->room; i++)
		if (map->slot[i].used)
			*probe(&bigger, map->slot[i].header.pfn) = map->slot[i];
	host_memory_free(map->slot);
	*map = bigger;
}

void tables_begin(struct audit *audit)
{
	struct table_map *map = host_memory_alloc(sizeof(*map));

	map->room = 64;
	map->slot = host_memory_alloc(map->room * sizeof(*map->slot));
	audit->tables = map;
}

void tables_table(struct audit *audit, const struct mmu_table *table)
{
	struct table_map *map = audit->tables;
	struct linked_table *linked;

	EXPECT(H3, table->header_pfn == table->pfn, "table %#" PRIx64 ", its header names %#" PRIx64, table->pfn,
	       table->header_pfn);
	if (map->used * 2 >= map->room)
		grow(map);
	linked = probe(map, table->pfn);
	/* Met again below a second parent: the entries count that. */
	if (linked->used)
		return;
	*linked = (struct linked_table){ .used = true, .header = *table };
	map->used++;
	map->linked += !table->is_root;
}

void tables_entry(struct audit *audit, const struct mmu_entry *entry)
{
	struct linked_table *child;

	if (entry->kind != MMU_ENTRY_TABLE)
		return;
	child = probe(audit->tables, entry->pfn);
	/* Not a table of the core: I-S5 has told. */
	if (!child->used)
		return;
	child->parents++;
	child->entry_address = entry->address;
	child->entry_gfn = entry->gfn;
	child->entry_level = entry->level;
}

static void check_parent(const struct audit *audit, const struct linked_table *table)
{
	const struct mmu_table *header = &table->header;
	bool one_parent = table->parents == 1;
	/* Direct shadow pages, without TDP, do not say where their parents are. */
	bool place = header->parent_entry == table->entry_address ||
		     (!audit->world->core_config.tdp && header->parent_entry == MMU_NO_HPA);
	bool gfn = header->gfn == table->entry_gfn;
	bool level = header->level == table->entry_level - 1;

	EXPECT(H1, one_parent && place && gfn && level,
	       "table %#" PRIx64 ": %u parent entries; header says entry %#" PRIx64 ", gfn %#" PRIx64
	       ", level %d; linked by entry %#" PRIx64 ", gfn %#" PRIx64 ", level %d",
	       header->pfn, table->parents, header->parent_entry, header->gfn, header->level, table->entry_address,
	       table->entry_gfn, table->entry_level);
}

static void check_count(const struct audit *audit, enum mmu_counter counter, uint64_t seen, int level)
{
	int64_t told = audit->core->counter(audit->vm, counter);

	if (told != MMU_COUNTER_ABSENT)
		EXPECT(H5, told == (int64_t)seen, "%" PRIi64 " leafs counted at level %d, %" PRIu64 " found", told,
		       level, seen);
}

void tables_end(struct audit *audit)
{
	struct table_map *map = audit->tables;
	int64_t told = audit->core->counter(audit->vm, MMU_COUNTER_TDP_PAGES);

	for (uint64_t i = 0; i < map->room; i++)
		if (map->slot[i].used && !map->slot[i].header.is_root)
			check_parent(audit, &map->slot[i]);
	if (audit->world->core_config.tdp && told != MMU_COUNTER_ABSENT)
		EXPECT(H4, told == (int64_t)map->linked, "%" PRIi64 " table pages counted, %" PRIu64 " linked", told,
		       map->linked);
	check_count(audit, MMU_COUNTER_LEAFS_4K, audit->leafs[MMU_LEVEL_4K], MMU_LEVEL_4K);
	check_count(audit, MMU_COUNTER_LEAFS_2M, audit->leafs[MMU_LEVEL_2M], MMU_LEVEL_2M);
	check_count(audit, MMU_COUNTER_LEAFS_1G, audit->leafs[MMU_LEVEL_1G], MMU_LEVEL_1G);
	host_memory_free(map->slot);
	host_memory_free(map);
}
