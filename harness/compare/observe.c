// SPDX-License-Identifier: GPL-2.0-only
/*
 * observe.c - what one core has come to after each operation of a program.
 *
 * Locking: one thread, so the views may be used whenever an operation is over.
 */
#include "harness/compare/compare.h"

#include <stdlib.h>

#define ROOTS_MAX 64

struct compare_observer {
	struct world *world;
	FILE *out;
	uint32_t ops;
	unsigned int nr_roots;
	struct mmu_table root[ROOTS_MAX];
};

static void tell(const struct compare_observer *observer, const struct seen *seen)
{
	fwrite(seen, sizeof(*seen), 1, observer->out);
}

/* ------------------------------------------------------------------------------------------------- slots and bits */

static void tell_dirty(const struct compare_observer *observer, const struct mmu_slot *slot)
{
	const struct world *world = observer->world;

	for (uint64_t word = 0; word < (slot->npages + 63) / 64; word++) {
		const struct seen seen = {
			.kind = SEEN_DIRTY,
			.a = (uint32_t)slot->as_id << 16 | slot->id,
			.c = word,
			.d = world->core->slot_dirty_word(world->vm, slot->as_id, slot->id, word),
		};

		if (seen.d)
			tell(observer, &seen);
	}
}

static bool tell_slot(void *context, const struct mmu_slot *slot)
{
	const struct seen seen = {
		.kind = SEEN_SLOT,
		.a = (uint32_t)slot->as_id << 16 | slot->id,
		.b = slot->flags,
		.c = slot->base,
		.d = slot->npages,
		.e = slot->hva,
	};

	tell(context, &seen);
	return true;
}

static bool tell_bitmap(void *context, const struct mmu_slot *slot)
{
	if (slot->has_dirty_bitmap)
		tell_dirty(context, slot);
	return true;
}

/* ----------------------------------------------------------------------------------------------------------- leafs */

/* Files are numbered as the model numbers them. */
static uint64_t backing_of(const struct world *world, mmu_pfn_t pfn, bool *private)
{
	const struct host_page *page = host_page(pfn);

	*private = page && page->kind == HOST_PAGE_GMEM;
	if (!page || !*private)
		return page ? page->location : 0;
	for (uint64_t i = 0; i < MODEL_GMEM_MAX; i++) {
		if (world->model.gmem[i].state != MODEL_DEAD && world->model.gmem[i].id == page->owner)
			return (i + 1) << 48 | page->location;
	}
	return page->location;
}

static bool tell_leaf(void *context, const struct mmu_entry *entry)
{
	const struct compare_observer *observer = context;
	bool private;
	struct seen seen = { .kind = SEEN_LEAF, .a = entry->table->as_id, .c = entry->gfn };

	if (entry->kind == MMU_ENTRY_MMIO) {
		seen.kind = SEEN_NOTE;
		tell(observer, &seen);
	}
	if (entry->kind != MMU_ENTRY_LEAF)
		return true;
	seen.d = mmu_level_npages(entry->level);
	seen.e = backing_of(observer->world, entry->pfn, &private);
	seen.b = (entry->read ? SEEN_READ : 0) | (entry->write ? SEEN_WRITE : 0) | (entry->exec ? SEEN_EXEC : 0) |
		 (private ? SEEN_PRIVATE : 0) | (entry->mmu_writable ? SEEN_MAY_WRITE : 0) |
		 (!entry->read && !entry->exec ? SEEN_TRACKED : 0) | (uint64_t)entry->level << SEEN_LEVEL_SHIFT;
	tell(observer, &seen);
	return true;
}

static bool collect_root(void *context, const struct mmu_table *table)
{
	struct compare_observer *observer = context;

	if (!table->invalid && observer->nr_roots < ROOTS_MAX)
		observer->root[observer->nr_roots++] = *table;
	return true;
}

static int by_address_space(const void *left, const void *right)
{
	const struct mmu_table *a = left, *b = right;

	return (int)a->as_id - (int)b->as_id;
}

/* ------------------------------------------------------------------------------------------------------------- all */

static void tell_counter(const struct compare_observer *observer, enum seen_kind kind, enum mmu_counter counter)
{
	const struct seen seen = {
		.kind = kind,
		.a = counter,
		.c = (uint64_t)observer->world->core->counter(observer->world->vm, counter),
	};

	tell(observer, &seen);
}

static void tell_counters(const struct compare_observer *observer)
{
	static const enum mmu_counter counters[] = {
		MMU_COUNTER_INVALIDATE_IN_PROGRESS, MMU_COUNTER_NOTIFIERS_ACTIVE, MMU_COUNTER_SLOT_PAGES,
		MMU_COUNTER_SLOTS_DIRTY_LOGGED,     MMU_COUNTER_BUGGED,
	};
	static const enum mmu_counter of_tables[] = {
		MMU_COUNTER_TDP_PAGES,
		MMU_COUNTER_LEAFS_4K,
		MMU_COUNTER_LEAFS_2M,
		MMU_COUNTER_LEAFS_1G,
	};

	for (unsigned int i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		tell_counter(observer, SEEN_COUNTER, counters[i]);
	for (unsigned int i = 0; i < sizeof(of_tables) / sizeof(of_tables[0]); i++)
		tell_counter(observer, SEEN_LEAFS_COUNTED, of_tables[i]);
	tell_counter(observer, SEEN_FLUSHES, MMU_COUNTER_REMOTE_FLUSHES);
}

static void op_is_over(void *context, struct world *world, const struct op *op, int result)
{
	struct compare_observer *observer = context;
	struct seen seen = { .kind = SEEN_OP, .a = observer->ops++, .b = op->code, .c = (uint64_t)(int64_t)result };

	observer->world = world;
	observer->nr_roots = 0;
	world->core->for_each_slot(world->vm, true, tell_slot, observer);
	world->core->for_each_root(world->vm, collect_root, observer);
	qsort(observer->root, observer->nr_roots, sizeof(observer->root[0]), by_address_space);
	for (unsigned int i = 0; i < observer->nr_roots; i++)
		world->core->for_each_entry(world->vm, observer->root[i].pfn, tell_leaf, observer);
	world->core->for_each_slot(world->vm, true, tell_bitmap, observer);
	tell_counters(observer);
	if (world->ring_overrun)
		tell(observer, &(struct seen){ .kind = SEEN_OVERRUN });
	tell(observer, &seen);
}

struct compare_observer *compare_observer_create(FILE *out, struct run_options *options)
{
	struct compare_observer *observer = calloc(1, sizeof(*observer));

	HOST_ASSERT(observer);
	observer->out = out;
	options->op_is_over = op_is_over;
	options->op_context = observer;
	return observer;
}

void compare_observer_destroy(struct compare_observer *observer)
{
	fflush(observer->out);
	free(observer);
}

int compare_observe(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		    const struct program *program, FILE *out)
{
	struct run_options options = { 0 };
	struct compare_observer *observer = compare_observer_create(out, &options);
	int error = run_program(core, config, program, &options, NULL);

	compare_observer_destroy(observer);
	return error;
}
