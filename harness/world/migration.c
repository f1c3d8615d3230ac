// SPDX-License-Identifier: GPL-2.0-only
/*
 * migration.c - a simulated live migration of one slot: copy, harvest, copy again what was dirty, stop, compare.
 *
 * The end-to-end check of dirty logging (I-D1): whatever the path a write took, if its page is not reported the copy
 * differs.  Pages are copied after the harvest that reported them returned, as a VMM must.
 * Not verified here: memory that the host drops (unmap, poison) while the migration runs; the caller keeps from it.
 * Locking: one thread a migration; guests and other harvesters may run, except at the end.
 */
#include <errno.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/world/world_parts.h"

#define PAGE_WORDS (MMU_PAGE_SIZE / sizeof(uint64_t))

struct world_migration {
	struct world *world;
	unsigned int as_id;
	unsigned int id;
	uint64_t npages;
	hva_t hva;
	uint64_t enabled_at; /* of the log; a log that was off in between has forgotten */
	uint64_t seen; /* clock before the last harvest: newer reports are still to be copied */
	uint64_t *copy;
};

/*
 * What is at @hva now, as a VMM would read it: by a fault if need be, since a page that the host is just moving has no
 * mapping either.  Memory failure reads as zero.
 */
static void read_page(const struct world *world, hva_t hva, uint64_t *page)
{
	if (host_mm_read(world->mm, hva, page, MMU_PAGE_SIZE))
		memset(page, 0, MMU_PAGE_SIZE);
}

static uint64_t *copy_of(const struct world_migration *migration, uint64_t page)
{
	return migration->copy + page * PAGE_WORDS;
}

static void copy_page(struct world_migration *migration, uint64_t page)
{
	read_page(migration->world, migration->hva + (page << MMU_PAGE_SHIFT), copy_of(migration, page));
}

/* The slot as the migration found it, its dirty_lock held; NULL: changed or gone. */
static struct model_slot *lock_slot(const struct world_migration *migration)
{
	struct model_slot *slot = dirty_lock_slot(migration->world, migration->as_id, migration->id);

	if (slot && (slot->now.npages != migration->npages || slot->now.hva != migration->hva ||
		     !(slot->now.flags & MMU_SLOT_LOG_DIRTY) || slot->dirty->enabled_at != migration->enabled_at)) {
		dirty_unlock_slot(slot);
		return NULL;
	}
	return slot;
}

static int switch_logging_on(struct world_migration *migration)
{
	struct world *world = migration->world;
	struct model_slot *slot = dirty_lock_slot(world, migration->as_id, migration->id);
	uint32_t flags;

	if (!slot)
		return -ENOENT;
	flags = slot->now.flags;
	dirty_unlock_slot(slot);
	if (flags & MMU_SLOT_LOG_DIRTY)
		return 0;
	return world_slot_set_flags(world, migration->as_id, migration->id, flags | MMU_SLOT_LOG_DIRTY);
}

/* What the slot is now that it is logged. */
static int describe(struct world_migration *migration)
{
	struct model_slot *slot = dirty_lock_slot(migration->world, migration->as_id, migration->id);
	bool logged = slot && (slot->now.flags & MMU_SLOT_LOG_DIRTY);

	if (logged) {
		migration->npages = slot->now.npages;
		migration->hva = slot->now.hva;
		migration->enabled_at = slot->dirty->enabled_at;
	}
	if (slot)
		dirty_unlock_slot(slot);
	return logged ? 0 : -ENOENT;
}

int world_migration_begin(struct world *world, unsigned int as_id, unsigned int id, struct world_migration **out)
{
	struct world_migration *migration = host_memory_alloc(sizeof(*migration));
	int error;

	*migration = (struct world_migration){ .world = world, .as_id = as_id, .id = id };
	migration->seen = model_clock(&world->model);
	error = switch_logging_on(migration);
	if (!error)
		error = describe(migration);
	if (error) {
		host_memory_free(migration);
		return error;
	}
	migration->copy = host_memory_alloc(migration->npages << MMU_PAGE_SHIFT);
	for (uint64_t page = 0; page < migration->npages; page++)
		copy_page(migration, page);
	*out = migration;
	return 0;
}

static int harvest(struct world_migration *migration)
{
	struct world *world = migration->world;
	uint64_t *bitmap;
	int error;

	if (world->vm_config.dirty_ring_bytes) {
		error = world_ring_collect(world);
		return error < 0 ? error : 0;
	}
	bitmap = host_memory_alloc((migration->npages + 63) / 64 * sizeof(*bitmap));
	error = world_dirty_get(world, migration->as_id, migration->id, bitmap);
	if (!error && world->vm_config.manual_dirty_protect)
		error = world_dirty_clear(world, migration->as_id, migration->id, 0, migration->npages, bitmap);
	host_memory_free(bitmap);
	return error;
}

int world_migration_pass(struct world_migration *migration)
{
	uint64_t seen = model_clock(&migration->world->model);
	int error = harvest(migration), copied = 0;
	struct model_slot *slot;

	if (error)
		return error;
	slot = lock_slot(migration);
	if (!slot)
		return -ENOENT;
	for (uint64_t page = 0; page < migration->npages; page++) {
		if (slot->dirty->page[page].reported_at > migration->seen) {
			copy_page(migration, page);
			copied++;
		}
	}
	dirty_unlock_slot(slot);
	migration->seen = seen;
	return copied;
}

static size_t first_difference(const uint64_t *a, const uint64_t *b)
{
	size_t i = 0;

	while (i < PAGE_WORDS && a[i] == b[i])
		i++;
	return i;
}

static int compare(const struct world_migration *migration, const struct model_slot *slot)
{
	uint64_t source[PAGE_WORDS];
	int differ = 0;

	for (uint64_t i = 0; i < migration->npages; i++) {
		const struct model_dirty_page *page = &slot->dirty->page[i];
		const uint64_t *copy = copy_of(migration, i);
		size_t word;

		read_page(migration->world, migration->hva + (i << MMU_PAGE_SHIFT), source);
		word = first_difference(source, copy);
		if (word == PAGE_WORDS)
			continue;
		differ++;
		finding_violation(
			INV_D1,
			"after migration of slot %u:%u, page 0x%lx differs at byte %zu: 0x%lx, copy 0x%lx; last "
			"write seen at %lu, last reported at %lu%s",
			migration->as_id, migration->id, (unsigned long)i, word * sizeof(uint64_t),
			(unsigned long)source[word], (unsigned long)copy[word], (unsigned long)page->written,
			(unsigned long)page->reported_at, world_dirty_place(slot, i));
	}
	return differ;
}

int world_migration_end(struct world_migration *migration)
{
	int result = world_migration_pass(migration);
	struct model_slot *slot;

	if (result >= 0) {
		slot = lock_slot(migration);
		result = slot ? compare(migration, slot) : -ENOENT;
		if (slot)
			dirty_unlock_slot(slot);
	}
	host_memory_free(migration->copy);
	host_memory_free(migration);
	return result;
}
