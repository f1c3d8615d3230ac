// SPDX-License-Identifier: GPL-2.0-only
/* external.c - see external.h. */
#include "external.h"

#include <errno.h>

#include "../check.h"

static const struct host_lock_class lock_class = { .name = "external table", .rank = 80 };

static void lock(struct external *external)
{
	host_lock_acquire(&external->lock, HOST_LOCK_EXCLUSIVE, external, &lock_class);
}

static void unlock(struct external *external)
{
	host_lock_release(&external->lock, HOST_LOCK_EXCLUSIVE, external);
}

static gfn_t first_of(gfn_t gfn, unsigned int level)
{
	return gfn >> 9 * level << 9 * level;
}

static struct external_table *find_table(struct external *external, gfn_t gfn, unsigned int level)
{
	for (unsigned int i = 0; i < EXTERNAL_TABLES; i++) {
		struct external_table *table = &external->tables[i];

		if (table->level == level && table->gfn == first_of(gfn, level))
			return table;
	}
	return NULL;
}

static struct external_leaf *find_leaf(struct external *external, gfn_t gfn)
{
	for (unsigned int i = 0; i < EXTERNAL_LEAFS; i++) {
		if (external->leafs[i].there && external->leafs[i].gfn == gfn)
			return &external->leafs[i];
	}
	return NULL;
}

static bool is_refused(struct external *external)
{
	external->puts++;
	if (external->puts != external->refuse_put &&
	    (!external->refuse_one_in || host_random() % external->refuse_one_in))
		return false;
	external->refused++;
	return true;
}

static int link_table(void *context, gfn_t gfn, unsigned int level)
{
	struct external *external = context;
	struct external_table *parent, *table;
	bool refused;

	lock(external);
	parent = find_table(external, gfn, level + 1);
	CHECK(parent && level >= 1 && gfn == first_of(gfn, level));
	CHECK(!find_table(external, gfn, level));
	refused = is_refused(external);
	if (!refused) {
		table = find_table(external, 0, 0);
		CHECK(table);
		*table = (struct external_table){ .gfn = gfn, .level = level };
		parent->children++;
		external->changes++;
	}
	unlock(external);
	return refused ? -EBUSY : 0;
}

static int set_leaf(void *context, gfn_t gfn, mmu_pfn_t pfn)
{
	struct external *external = context;
	struct external_table *table;
	bool refused;

	if (external->during_set)
		external->during_set(gfn);
	lock(external);
	table = find_table(external, gfn, 1);
	CHECK(table && !find_leaf(external, gfn));
	refused = is_refused(external);
	if (!refused) {
		unsigned int i = 0;

		while (i < EXTERNAL_LEAFS && external->leafs[i].there)
			i++;
		CHECK(i < EXTERNAL_LEAFS);
		external->leafs[i] = (struct external_leaf){ .there = true, .gfn = gfn, .pfn = pfn };
		table->children++;
		external->changes++;
	}
	unlock(external);
	return refused ? -EBUSY : 0;
}

static int remove_leaf(void *context, gfn_t gfn, mmu_pfn_t pfn)
{
	struct external *external = context;
	struct external_table *table;
	struct external_leaf *leaf;

	lock(external);
	table = find_table(external, gfn, 1);
	leaf = find_leaf(external, gfn);
	CHECK(table && leaf && leaf->pfn == pfn);
	leaf->there = false;
	table->children--;
	external->takes++;
	external->changes++;
	unlock(external);
	return 0;
}

static int free_table(void *context, gfn_t gfn, unsigned int level)
{
	struct external *external = context;
	struct external_table *parent, *table;

	lock(external);
	parent = find_table(external, gfn, level + 1);
	table = find_table(external, gfn, level);
	CHECK(parent && table && gfn == table->gfn && !table->children);
	*table = (struct external_table){ 0 };
	parent->children--;
	external->takes++;
	external->changes++;
	unlock(external);
	return 0;
}

void external_init(struct external *external)
{
	*external = (struct external){
		.ops = { .link = link_table, .set = set_leaf, .remove = remove_leaf, .free = free_table },
		.tables = { { .level = EXTERNAL_ROOT_LEVEL } },
	};
	external->ops.context = external;
}

mmu_pfn_t external_at(struct external *external, gfn_t gfn, uint64_t *changes)
{
	struct external_leaf *leaf;
	mmu_pfn_t pfn;

	lock(external);
	leaf = find_leaf(external, gfn);
	pfn = leaf ? leaf->pfn : MMU_NO_PFN;
	*changes = external->changes;
	unlock(external);
	return pfn;
}

bool external_has_table(struct external *external, gfn_t gfn, unsigned int level)
{
	bool found;

	lock(external);
	found = find_table(external, gfn, level);
	unlock(external);
	return found;
}

unsigned int external_leafs(struct external *external)
{
	unsigned int count = 0;

	lock(external);
	for (unsigned int i = 0; i < EXTERNAL_LEAFS; i++)
		count += external->leafs[i].there;
	unlock(external);
	return count;
}

unsigned int external_tables(struct external *external)
{
	unsigned int count = 0;

	lock(external);
	for (unsigned int i = 1; i < EXTERNAL_TABLES; i++)
		count += external->tables[i].level != 0;
	unlock(external);
	return count;
}
