// SPDX-License-Identifier: GPL-2.0-only
/*
 * private.c - private and shared memory.
 *
 *  1. P2  no leaf spans gfns of both kinds
 *  2. P1  a leaf of file memory maps its file's page at the offset of its gfn
 *  3. P2  a frame inside a slot is marked mixed if and only if it holds both kinds
 *
 * Leafs of the wrong kind are stale.c's (I-Z4).
 * Not verified: frames above the gfns that the model tracks; that the core's attributes are the ones that were set is
 * checked as part of 3 only.
 * Source: spec.md 7.7, 3.7.
 */
#include "harness/invariants/audit.h"

/* Both kinds in [base, base + npages)?  Gfns above the model's reach are shared. */
static bool is_mixed(const struct model *model, gfn_t base, uint64_t npages)
{
	bool first = model_is_private(model, base);

	for (uint64_t i = 1; i < npages; i++)
		if (model_is_private(model, base + i) != first)
			return true;
	return false;
}

static bool is_file_page(const struct audit *audit, const struct audit_leaf *leaf, uint64_t index)
{
	const struct model_slot_map *map = &leaf->slot->now;
	const struct host_page *page = host_page(leaf->entry->pfn + index);
	const struct model_gmem *gmem = &audit->world->model.gmem[map->gmem];

	return page->owner == gmem->id && page->location == map->gmem_page + leaf->entry->gfn + index - map->base;
}

static bool maps_file_memory(const struct audit_leaf *leaf)
{
	const struct host_page *page = host_page(leaf->entry->pfn);

	return page && page->kind == HOST_PAGE_GMEM && !(page->flags & HOST_PAGE_REVOKED);
}

void private_leaf(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct model *model = &audit->world->model;
	const struct mmu_entry *entry = leaf->entry;
	const struct host_page *page = host_page(entry->pfn);
	bool right = true;

	if (model->attributes && entry->level > MMU_LEVEL_4K)
		EXPECT(P2, !is_mixed(model, entry->gfn, leaf->npages), ENTRY_FORMAT ": maps both kinds",
		       ENTRY_FACTS(audit, entry));
	if (!leaf->from_file || leaf->slot->now.gmem == MODEL_NO_GMEM || !maps_file_memory(leaf))
		return;
	for (uint64_t i = 0; i < leaf->npages && right; i++)
		right = is_file_page(audit, leaf, i);
	EXPECT(P1, right,
	       ENTRY_FORMAT ": slot %u at file page %#" PRIx64 "; leads to page %#" PRIx64 " of file %#" PRIx64,
	       ENTRY_FACTS(audit, entry), leaf->slot->id, leaf->slot->now.gmem_page, page->location, page->owner);
}

static void check_frames(struct audit *audit, unsigned int as_id, const struct model_slot_map *map, int level)
{
	const struct model *model = &audit->world->model;
	uint64_t npages = mmu_level_npages(level);
	gfn_t end = map->base + map->npages < model->gfns ? map->base + map->npages : model->gfns;

	for (gfn_t gfn = (map->base + npages - 1) & ~(npages - 1); gfn + npages <= end; gfn += npages) {
		bool known;
		bool told = audit->core->frame_mixed(audit->vm, as_id, gfn, level, &known);
		bool mixed;

		if (!known)
			continue;
		mixed = is_mixed(model, gfn, npages);
		EXPECT(P2, told == mixed, "as %u, frame of level %d at gfn %#" PRIx64 ": marked %s, is %s", as_id,
		       level, gfn, told ? "mixed" : "uniform", mixed ? "mixed" : "uniform");
	}
}

void private_audit(struct audit *audit)
{
	const struct model *model = &audit->world->model;

	if (!model->attributes)
		return;
	for (unsigned int as_id = 0; as_id < audit->world->address_spaces; as_id++) {
		model_for_each_slot(slot, &model->as[as_id])
		{
			if (slot->state != MODEL_LIVE)
				continue;
			check_frames(audit, as_id, &slot->now, MMU_LEVEL_2M);
			check_frames(audit, as_id, &slot->now, MMU_LEVEL_1G);
		}
	}
}
