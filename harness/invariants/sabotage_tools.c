// SPDX-License-Identifier: GPL-2.0-only
/* sabotage_tools.c - finding something to spoil, spoiling it, and putting it right again. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

static void note_undo(struct sabotage *sabotage, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	HOST_ASSERT(sabotage->nr_undo < UNDO_MAX);
	sabotage->undo[sabotage->nr_undo++] = (struct undo){ what, where, value };
}

/* What takes @value back: sums are undone by their negative, toggles and exclusive-ors by themselves. */
static uint64_t inverse(enum mmu_spoil what, uint64_t where, uint64_t value)
{
	switch (what) {
	case MMU_SPOIL_COUNTER:
		return where == MMU_COUNTER_BUGGED ? 0 : -value;
	case MMU_SPOIL_TABLE_HEADER:
		return where;
	case MMU_SPOIL_TABLE_GFN:
	case MMU_SPOIL_TABLE_PARENT:
	case MMU_SPOIL_ROOT_COUNT:
	case MMU_SPOIL_GENERATION:
		return -value;
	case MMU_SPOIL_FLUSH_OFF:
		return !value;
	default:
		return value;
	}
}

int spoil(struct sabotage *sabotage, enum mmu_spoil what, uint64_t where, uint64_t value)
{
	int err = sabotage->core->spoil(sabotage->world->vm, what, where, value);

	if (!err)
		note_undo(sabotage, what, where, inverse(what, where, value));
	return err;
}

int spoil_entry(struct sabotage *sabotage, const struct mmu_entry *entry, uint64_t raw)
{
	int err = sabotage->core->spoil(sabotage->world->vm, MMU_SPOIL_ENTRY, entry->address, raw);

	if (!err)
		note_undo(sabotage, MMU_SPOIL_ENTRY, entry->address, entry->raw);
	return err;
}

int spoil_counter(struct sabotage *sabotage, enum mmu_counter counter, int64_t difference)
{
	return spoil(sabotage, MMU_SPOIL_COUNTER, counter, (uint64_t)difference);
}

int plant_leaf(struct sabotage *sabotage, mmu_hpa_t address, int level, uint64_t raw)
{
	const uint64_t *word = (const uint64_t *)(HOST_ARENA_BASE + address);
	const struct mmu_entry nothing = { .address = address, .raw = *word };
	int err = spoil_entry(sabotage, &nothing, raw);

	return err ? err : spoil_counter(sabotage, MMU_COUNTER_LEAFS_4K + level - MMU_LEVEL_4K, 1);
}

void undo_all(struct sabotage *sabotage)
{
	while (sabotage->nr_undo) {
		const struct undo *undo = &sabotage->undo[--sabotage->nr_undo];
		uint64_t value = undo->value;
		int err = sabotage->core->spoil(sabotage->world->vm, undo->what, undo->where, value);

		HOST_ASSERT(!err);
	}
}

/* ------------------------------------------------------------------------------------------------------ finding */

struct search {
	struct sabotage *sabotage;
	gfn_t gfn;
	int level; /* 0: a leaf of any level */
	struct mmu_entry *found_entry;
	unsigned int as_id;
	struct mmu_table *found_root;
	bool found;
};

static bool match_entry(void *context, const struct mmu_entry *entry)
{
	struct search *search = context;
	uint64_t npages = mmu_level_npages(entry->level);
	bool translates = search->gfn >= entry->gfn && search->gfn < entry->gfn + npages;
	bool wanted = search->level ? entry->level == search->level : entry->kind == MMU_ENTRY_LEAF;

	if (!translates || !wanted)
		return true;
	*search->found_entry = *entry;
	search->found_entry->table = NULL;
	search->found = true;
	return false;
}

static bool search_root(void *context, const struct mmu_table *root)
{
	struct search *search = context;
	struct sabotage *sabotage = search->sabotage;

	if (!root->invalid)
		sabotage->core->for_each_entry(sabotage->world->vm, root->pfn, match_entry, search);
	return !search->found;
}

bool find_entry(struct sabotage *sabotage, gfn_t gfn, int level, struct mmu_entry *entry)
{
	struct search search = { .sabotage = sabotage, .gfn = gfn, .level = level, .found_entry = entry };

	sabotage->core->for_each_root(sabotage->world->vm, search_root, &search);
	return search.found;
}

bool find_leaf(struct sabotage *sabotage, gfn_t gfn, struct mmu_entry *leaf)
{
	return find_entry(sabotage, gfn, 0, leaf);
}

static bool match_root(void *context, const struct mmu_table *root)
{
	struct search *search = context;

	if (root->invalid || root->as_id != search->as_id)
		return true;
	*search->found_root = *root;
	search->found = true;
	return false;
}

bool find_root(struct sabotage *sabotage, unsigned int as_id, struct mmu_table *root)
{
	struct search search = { .sabotage = sabotage, .as_id = as_id, .found_root = root };

	sabotage->core->for_each_root(sabotage->world->vm, match_root, &search);
	return search.found;
}

/* --------------------------------------------------------------------------------------------------------- bits */

uint64_t bit_write(const struct sabotage *sabotage)
{
	return FORMAT_BIT(1);
}

static bool is_host_writable(const struct mmu_entry *entry)
{
	return entry->host_writable;
}

static bool is_mmu_writable(const struct mmu_entry *entry)
{
	return entry->mmu_writable;
}

/*
 * Which bit of the leaf means @property?  Software bits move between kernels, so each is turned over in turn until the
 * core reads another meaning.  0: none does.
 */
static uint64_t learn_bit(struct sabotage *sabotage, const struct mmu_entry *leaf,
			  bool (*property)(const struct mmu_entry *entry))
{
	const uint64_t candidates = ~(FORMAT_BITS(12, 51) | FORMAT_MMU_PRESENT | FORMAT_BITS(0, 7));
	struct mmu_entry turned;

	for (unsigned int i = 0; i < 64; i++) {
		bool differs;

		if (!(candidates & FORMAT_BIT(i)))
			continue;
		sabotage->core->spoil(sabotage->world->vm, MMU_SPOIL_ENTRY, leaf->address, leaf->raw ^ FORMAT_BIT(i));
		differs = find_leaf(sabotage, leaf->gfn, &turned) && property(&turned) != property(leaf);
		sabotage->core->spoil(sabotage->world->vm, MMU_SPOIL_ENTRY, leaf->address, leaf->raw);
		if (differs)
			return FORMAT_BIT(i);
	}
	return 0;
}

uint64_t bit_host_writable(struct sabotage *sabotage, const struct mmu_entry *leaf)
{
	return learn_bit(sabotage, leaf, is_host_writable);
}

uint64_t bit_mmu_writable(struct sabotage *sabotage, const struct mmu_entry *leaf)
{
	return learn_bit(sabotage, leaf, is_mmu_writable);
}

uint64_t with_pfn(uint64_t raw, mmu_pfn_t pfn)
{
	return (raw & ~FORMAT_BITS(12, 51)) | pfn << MMU_PAGE_SHIFT;
}

/* EPT has a second bit for user-mode execution, which some kernels set along. */
uint64_t without_exec(const struct sabotage *sabotage, uint64_t raw)
{
	return sabotage->config.paging == MMU_PAGING_EPT ? raw & ~(FORMAT_BIT(2) | FORMAT_BIT(10))
							 : raw | FORMAT_BIT(63);
}
