// SPDX-License-Identifier: GPL-2.0-only
/*
 * stale.c - is every leaf justified by the slots, attributes and host memory of now?
 *
 * A leaf that is not has one reason, the first of these that fits, so that one defect is one finding:
 *  1. Z3  no slot is there: it was deleted or moved (one that ends inside a huge leaf is entries.c's, I-G6)
 *  2. Z5  memory of a file, and the page behind it is gone: punched out, or its file was closed
 *  3. Z8  a page that went back to the host
 *  4. Z2  a page that a running invalidation covers, or one that the host has revoked
 *  5. Z4  memory of the other kind than the attribute of its gfn, or its slot's file, asks for
 *  6. Z1  of the process, and not the pages that the host maps there now
 * A leaf of file memory is private.c's (I-P1); write permission is entries.c's (I-S3).
 *
 * Z6, after the release of the process, is that there is no present entry at all.
 *
 * Not verified: that a page was not freed and came back at the same place between two audits (the reuse epoch of
 * spec.md 7.5); each guest access is checked against that by the simulated CPU.
 * Source: spec.md 7.5.
 */
#include "harness/invariants/audit.h"

#include "harness/invariants/invariants.h"

static const char *const kind_names[] = {
	[HOST_PAGE_FREE] = "free",
	[HOST_PAGE_CORE] = "the core's own",
	[HOST_PAGE_ANON] = "of a process",
	[HOST_PAGE_GMEM] = "of a guest_memfd",
};

#define PAGE_FORMAT "pfn %#" PRIx64 " (%s, flags %#x, owner %#" PRIx64 ", page %#" PRIx64 ")"
#define PAGE_FACTS(pfn, page) (pfn), kind_names[(page)->kind], (page)->flags, (page)->owner, (page)->location

/* What is behind one page of a leaf, gathered before it is judged. */
struct backing {
	const struct host_page *page;
	mmu_pfn_t pfn;
	gfn_t gfn;
	bool private; /* by its attribute */
	bool from_file;
	hva_t hva;
};

static bool slot_covers_all(const struct audit_leaf *leaf)
{
	const struct model_slot_map *map = &leaf->slot->now;

	return leaf->entry->gfn >= map->base && leaf->entry->gfn + leaf->npages <= map->base + map->npages;
}

static bool file_is_open(const struct audit *audit, const struct audit_leaf *leaf)
{
	int gmem = leaf->slot->now.gmem;

	return gmem != MODEL_NO_GMEM && audit->world->model.gmem[gmem].state == MODEL_LIVE;
}

/* The last of the host's mappings that was looked up: it answers for all pages that it covers. */
struct host_view {
	hva_t start, end;
	mmu_pfn_t pfn; /* at start */
};

static bool host_maps(const struct audit *audit, const struct backing *backing, struct host_view *view)
{
	struct host_mm_mapping mapping;
	uint64_t bytes;

	if (backing->hva < view->start || backing->hva >= view->end) {
		if (!host_mm_lookup(audit->world->mm, backing->hva, &mapping))
			return false;
		bytes = mmu_level_npages(mapping.level) << MMU_PAGE_SHIFT;
		view->start = backing->hva & ~(bytes - 1);
		view->end = view->start + bytes;
		view->pfn = mapping.pfn & ~(mmu_level_npages(mapping.level) - 1);
	}
	return backing->pfn == view->pfn + ((backing->hva - view->start) >> MMU_PAGE_SHIFT);
}

/*
 * Nothing of the host's mapping could be faulted in lawfully (mmu_invalidate_retry_gfn()).  A fault beside the range
 * may map a huge page over it, which may then be split: a host that takes a part of one away splits it first, and
 * invalidates the whole of it for that.
 */
static bool is_invalidated(const struct audit *audit, hva_t hva)
{
	const struct model *model = &audit->world->model;
	struct host_mm_mapping mapping = { .level = MMU_LEVEL_4K };
	uint64_t npages;

	if (!model_windows_over(model, hva, 1))
		return false;
	host_mm_lookup(audit->world->mm, hva, &mapping);
	npages = mmu_level_npages(mapping.level);
	hva &= ~((npages << MMU_PAGE_SHIFT) - 1);
	for (uint64_t i = 0; i < npages; i++) {
		if (!model_windows_over(model, hva + (i << MMU_PAGE_SHIFT), 1))
			return false;
	}
	return true;
}

/* Stops at the first reason: later ones follow from it. */
static bool check_page(struct audit *audit, const struct audit_leaf *leaf, const struct backing *backing,
		       struct host_view *view)
{
	const struct host_page *page = backing->page;
	bool gone = page->kind == HOST_PAGE_FREE;
	bool revoked = page->flags & HOST_PAGE_REVOKED;
	bool file_gone = page->kind == HOST_PAGE_GMEM && (revoked || !file_is_open(audit, leaf));
	bool window = page->kind == HOST_PAGE_ANON && is_invalidated(audit, backing->hva);
	bool right_kind = page->kind == (backing->from_file ? HOST_PAGE_GMEM : HOST_PAGE_ANON);
	bool right_page = backing->from_file || host_maps(audit, backing, view);
	enum invariant_id broken;

	invariant_count_checks(INV_Z1, 1);
	if (backing->from_file && (gone || file_gone))
		broken = INV_Z5;
	else if (gone)
		broken = INV_Z8;
	else if (window || revoked)
		broken = INV_Z2;
	else if (!right_kind)
		broken = INV_Z4;
	else if (!right_page)
		broken = INV_Z1;
	else
		return true;
	finding_violation(broken, ENTRY_FORMAT ": gfn %#" PRIx64 " is %s, slot %u, hva %#lx; leads to " PAGE_FORMAT,
			  ENTRY_FACTS(audit, leaf->entry), backing->gfn, backing->private ? "private" : "shared",
			  leaf->slot->id, backing->hva, PAGE_FACTS(backing->pfn, page));
	return false;
}

/* Each rule was looked at once for this leaf; Z1, the last, is counted by page. */
static void count_rules(void)
{
	invariant_count_checks(INV_Z2, 1);
	invariant_count_checks(INV_Z4, 1);
	invariant_count_checks(INV_Z5, 1);
	invariant_count_checks(INV_Z8, 1);
}

static void check_pages(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct model *model = &audit->world->model;
	const struct mmu_entry *entry = leaf->entry;
	struct host_view view = { 0 };

	count_rules();
	for (uint64_t i = 0; i < leaf->npages; i++) {
		bool private = model_is_private(model, entry->gfn + i);
		const struct backing backing = {
			.page = host_page(entry->pfn + i),
			.pfn = entry->pfn + i,
			.gfn = entry->gfn + i,
			.private = private,
			.from_file = map_takes_file(model, &leaf->slot->now, private),
			.hva = leaf->hva + (i << MMU_PAGE_SHIFT),
		};

		if (!backing.page) {
			finding_violation(INV_Z1, ENTRY_FORMAT ": pfn %#" PRIx64 " is no memory of this machine",
					  ENTRY_FACTS(audit, entry), backing.pfn);
			return;
		}
		if (!check_page(audit, leaf, &backing, &view))
			return;
	}
}

void stale_leaf(struct audit *audit, const struct audit_leaf *leaf)
{
	EXPECT(Z3, leaf->slot, ENTRY_FORMAT ": no slot is there", ENTRY_FACTS(audit, leaf->entry));
	if (leaf->slot && slot_covers_all(leaf))
		check_pages(audit, leaf);
}

/* ---------------------------------------------------------------------------------------- right after one operation */

struct leaf_range {
	struct audit audit;
	int as_id; /* -1: all */
	gfn_t base;
	uint64_t npages;
};

static bool visit_leaf_in_range(void *context, const struct mmu_entry *entry)
{
	struct leaf_range *range = context;
	uint64_t npages = mmu_level_npages(entry->level);
	bool overlaps = entry->gfn < range->base + range->npages && range->base < entry->gfn + npages;
	bool wanted = range->as_id < 0 || range->as_id == entry->table->as_id;

	if (entry->kind == MMU_ENTRY_LEAF && overlaps && wanted) {
		struct audit_leaf leaf = audit_leaf_of(&range->audit, entry);

		stale_leaf(&range->audit, &leaf);
	}
	return true;
}

static uint64_t check_range(struct world *world, int as_id, gfn_t base, uint64_t npages)
{
	struct leaf_range range = { .as_id = as_id, .base = base, .npages = npages };
	uint64_t before = finding_count();

	audit_begin(&range.audit, world);
	for (unsigned int i = 0; i < range.audit.nr_roots; i++) {
		range.audit.current = &range.audit.root[i];
		world->core->for_each_entry(world->vm, range.audit.root[i].table.pfn, visit_leaf_in_range, &range);
	}
	return finding_count() - before;
}

uint64_t invariants_after_slot_gone(struct world *world, unsigned int as_id, gfn_t base, uint64_t npages)
{
	return check_range(world, (int)as_id, base, npages);
}

uint64_t invariants_after_attributes(struct world *world, gfn_t base, uint64_t npages)
{
	return check_range(world, -1, base, npages);
}

/* Checks the gfns of each slot that overlap pages [first, first + npages) of a space; @at: a slot's start in it. */
static uint64_t check_slots(struct world *world,
			    bool (*at)(const struct model_slot_map *map, const void *what, uint64_t *at),
			    const void *what, uint64_t first, uint64_t npages)
{
	uint64_t violations = 0;

	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id])
		{
			const struct model_slot_map *map = &slot->now;
			uint64_t start;
			uint64_t low;
			uint64_t high;

			if (slot->state != MODEL_LIVE || !at(map, what, &start))
				continue;
			low = first > start ? first : start;
			high = first + npages < start + map->npages ? first + npages : start + map->npages;
			if (low < high)
				violations += check_range(world, (int)as_id, map->base + low - start, high - low);
		}
	}
	return violations;
}

static bool slot_at_hva(const struct model_slot_map *map, const void *what, uint64_t *at)
{
	(void)what;
	*at = map->hva >> MMU_PAGE_SHIFT;
	return true;
}

static bool slot_at_file_page(const struct model_slot_map *map, const void *what, uint64_t *at)
{
	*at = map->gmem_page;
	return map->gmem == *(const int *)what;
}

uint64_t invariants_after_punch(struct world *world, int gmem, uint64_t page, uint64_t npages)
{
	for (int i = 0; i < MODEL_GMEM_MAX; i++)
		if (world->model.gmem[i].state != MODEL_DEAD && world->model.gmem[i].descriptor == gmem)
			return check_slots(world, slot_at_file_page, &i, page, npages);
	return 0;
}

uint64_t invariants_after_invalidate(struct world *world, hva_t hva, uint64_t npages)
{
	return check_slots(world, slot_at_hva, NULL, hva >> MMU_PAGE_SHIFT, npages);
}

static bool visit_after_release(void *context, const struct mmu_entry *entry)
{
	struct audit *audit = context;
	bool present = entry->kind == MMU_ENTRY_LEAF || entry->kind == MMU_ENTRY_TABLE;

	EXPECT(Z6, !present, ENTRY_FORMAT, ENTRY_FACTS(audit, entry));
	return !present;
}

uint64_t invariants_after_release(struct world *world)
{
	uint64_t before = finding_count();
	struct audit audit;

	audit_begin(&audit, world);
	/* Nothing to look at is what is hoped for, and it has been looked at. */
	invariant_count_checks(INV_Z6, 1);
	for (unsigned int i = 0; i < audit.nr_roots; i++) {
		audit.current = &audit.root[i];
		audit.core->for_each_entry(audit.vm, audit.root[i].table.pfn, visit_after_release, &audit);
	}
	return finding_count() - before;
}
