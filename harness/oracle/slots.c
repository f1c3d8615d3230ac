// SPDX-License-Identifier: GPL-2.0-only
/*
 * slots.c - does any lawful state of the slots justify that this page backs this gfn?
 *
 * "justified(leaf)" of spec.md 7.5, for one 4 KiB page: a slot covers the gfn, its backing at that gfn is that page,
 * the attribute or the slot's file asks for that kind of backing, and the slot permits the write.  While a slot
 * changes, its old and its new state both count.
 * Locking: none; the caller finds out by model_as.changes whether what it read can be relied on.
 */
#include "harness/oracle/slots.h"

static enum slot_verdict judge_map(const struct model *model, const struct model_slot_map *map, gfn_t gfn,
				   const struct page_facts *page, bool write, unsigned int kinds)
{
	bool from_process = (kinds & KIND_SHARED) && !map_takes_file(model, map, false);
	bool from_file = (kinds & KIND_PRIVATE) || map_takes_file(model, map, false);
	uint64_t index = gfn - MODEL_GET(map->base);
	int gmem = MODEL_GET(map->gmem);

	if (page->kind == HOST_PAGE_ANON) {
		if (!from_process)
			return SLOT_WRONG_KIND;
		if (page->owner != model->mm_id || page->location != (MODEL_GET(map->hva) >> MMU_PAGE_SHIFT) + index)
			return SLOT_OTHER_MEMORY;
		return write && (MODEL_GET(map->flags) & MMU_SLOT_READONLY) ? SLOT_READ_ONLY : SLOT_AGREES;
	}
	if (!from_file)
		return SLOT_WRONG_KIND;
	if (gmem == MODEL_NO_GMEM || page->owner != MODEL_GET(model->gmem[gmem].id) ||
	    page->location != MODEL_GET(map->gmem_page) + index)
		return SLOT_OTHER_MEMORY;
	return MODEL_GET(model->gmem[gmem].released) ? SLOT_FILE_CLOSED : SLOT_AGREES;
}

enum slot_verdict slots_judge(const struct model *model, unsigned int as_id, gfn_t gfn, const struct page_facts *page,
			      bool write, unsigned int kinds, struct model_slot **agrees)
{
	const struct model_as *as = &model->as[as_id];
	struct model_slot *slot = model_slot_over(as, gfn), *changing;
	enum slot_verdict verdict = SLOT_NONE, changed;

	*agrees = NULL;
	if (slot) {
		verdict = judge_map(model, &slot->now, gfn, page, write, kinds);
		if (verdict == SLOT_AGREES) {
			*agrees = MODEL_GET(slot->state) == MODEL_LIVE ? slot : NULL;
			return verdict;
		}
	}
	changing = MODEL_GET(as->changing);
	if (!changing || !map_covers(&changing->next, gfn))
		return verdict;
	changed = judge_map(model, &changing->next, gfn, page, write, kinds);
	return changed > verdict ? changed : verdict;
}

const char *slot_verdict_text(enum slot_verdict verdict)
{
	static const char *const texts[] = {
		[SLOT_NONE] = "no slot covers the gfn",
		[SLOT_WRONG_KIND] = "the page is not of the kind that the gfn's attribute and its slot's file ask for",
		[SLOT_OTHER_MEMORY] = "the slot maps other memory at that gfn",
		[SLOT_FILE_CLOSED] = "the guest_memfd has been closed",
		[SLOT_READ_ONLY] = "the slot is read-only",
		[SLOT_AGREES] = "the slot agrees",
	};

	return texts[verdict];
}
