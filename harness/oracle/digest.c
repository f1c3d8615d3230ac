// SPDX-License-Identifier: GPL-2.0-only
/*
 * digest.c - FNV-1a over what the core's views show.
 *
 * Not in it, because an operation that fails may change them: the generation and the invalidation sequence (spec.md
 * I-L7), flushes asked for, tables' headers.
 */
#include "harness/oracle/digest.h"

#define DIRTY_WORDS_MAX 64 /* of one slot's log */

#define FNV_START 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

const char *digest_part_name(enum digest_part part)
{
	static const char *const names[DIGEST_PARTS] = {
		[DIGEST_SLOTS] = "slots",     [DIGEST_COUNTERS] = "counters",     [DIGEST_ENTRIES] = "entries",
		[DIGEST_DIRTY] = "dirty log", [DIGEST_ATTRIBUTES] = "attributes",
	};

	return names[part];
}

static void mix(uint64_t *hash, uint64_t word)
{
	*hash = (*hash ^ word) * FNV_PRIME;
	*hash ^= *hash >> 29;
}

struct taking {
	const struct mmu_core_ops *core;
	struct mmu_vm *vm;
	struct digest *digest;
	mmu_pfn_t roots[64];
	unsigned int nr_roots;
};

static bool add_root(void *context, const struct mmu_table *table)
{
	struct taking *taking = context;

	if (taking->nr_roots < sizeof(taking->roots) / sizeof(taking->roots[0]))
		taking->roots[taking->nr_roots++] = table->pfn;
	return true;
}

static bool add_entry(void *context, const struct mmu_entry *entry)
{
	struct taking *taking = context;

	if (entry->kind != MMU_ENTRY_NONE) {
		mix(&taking->digest->part[DIGEST_ENTRIES], entry->address);
		mix(&taking->digest->part[DIGEST_ENTRIES], entry->raw);
	}
	return true;
}

static void add_dirty(struct taking *taking, const struct mmu_slot *slot)
{
	uint64_t words = (slot->npages + 63) / 64;

	for (uint64_t word = 0; word < words && word < DIRTY_WORDS_MAX; word++)
		mix(&taking->digest->part[DIGEST_DIRTY],
		    taking->core->slot_dirty_word(taking->vm, slot->as_id, slot->id, word));
}

static void mix_slot(uint64_t *hash, const struct mmu_slot *slot)
{
	mix(hash, (uint64_t)slot->as_id << 16 | slot->id);
	mix(hash, slot->flags);
	mix(hash, slot->base);
	mix(hash, slot->npages);
	mix(hash, slot->hva);
	mix(hash, slot->gmem_page_offset);
	mix(hash, (uint64_t)slot->invalid << 2 | (uint64_t)slot->gmem_bound << 1 | slot->has_dirty_bitmap);
}

static bool add_slot(void *context, const struct mmu_slot *slot)
{
	struct taking *taking = context;

	mix_slot(&taking->digest->part[DIGEST_SLOTS], slot);
	if (slot->has_dirty_bitmap)
		add_dirty(taking, slot);
	return true;
}

static bool add_other_slot(void *context, const struct mmu_slot *slot)
{
	mix_slot(&((struct taking *)context)->digest->part[DIGEST_SLOTS], slot);
	return true;
}

static void add_counters(struct taking *taking)
{
	static const enum mmu_counter counters[] = {
		MMU_COUNTER_TDP_PAGES,
		MMU_COUNTER_LEAFS_4K,
		MMU_COUNTER_LEAFS_2M,
		MMU_COUNTER_LEAFS_1G,
		MMU_COUNTER_NX_SPLITS,
		MMU_COUNTER_NX_LIST,
		MMU_COUNTER_INVALIDATE_IN_PROGRESS,
		MMU_COUNTER_NOTIFIERS_ACTIVE,
		MMU_COUNTER_SLOT_PAGES,
		MMU_COUNTER_SLOTS_DIRTY_LOGGED,
	};

	for (unsigned int i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		mix(&taking->digest->part[DIGEST_COUNTERS], (uint64_t)taking->core->counter(taking->vm, counters[i]));
}

void digest_take(const struct mmu_core_ops *core, struct mmu_vm *vm, gfn_t base, uint64_t npages, struct digest *digest)
{
	struct taking taking = { .core = core, .vm = vm, .digest = digest };

	for (unsigned int i = 0; i < DIGEST_PARTS; i++)
		digest->part[i] = FNV_START;
	core->for_each_slot(vm, true, add_slot, &taking);
	core->for_each_slot(vm, false, add_other_slot, &taking);
	add_counters(&taking);
	core->for_each_root(vm, add_root, &taking);
	for (unsigned int i = 0; i < taking.nr_roots; i++)
		core->for_each_entry(vm, taking.roots[i], add_entry, &taking);
	for (uint64_t i = 0; i < npages && i < DIGEST_GFNS_MAX; i++)
		mix(&digest->part[DIGEST_ATTRIBUTES], core->attributes(vm, base + i));
}
