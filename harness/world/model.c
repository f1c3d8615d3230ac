// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c - look-ups in the model of one VM for those who may take their time: audits and operation wrappers.
 *
 * Locking: see model.h.  The look-ups of the access path are in harness/oracle.
 */
#include "harness/world/model.h"

const struct model_slot *model_slot_by_id(const struct model *model, unsigned int as_id, unsigned int id)
{
	const struct model_as *as = &model->as[as_id];

	for (uint32_t i = 0; i < as->used; i++) {
		if (as->slot[i].state != MODEL_DEAD && as->slot[i].id == id)
			return &as->slot[i];
	}
	return NULL;
}

const struct model_slot *model_slot_at(const struct model *model, unsigned int as_id, gfn_t gfn)
{
	const struct model_as *as = &model->as[as_id];

	for (uint32_t i = 0; i < as->used; i++) {
		if (as->slot[i].state == MODEL_LIVE && map_covers(&as->slot[i].now, gfn))
			return &as->slot[i];
	}
	return NULL;
}

bool model_hva_at(const struct model *model, unsigned int as_id, gfn_t gfn, hva_t *hva)
{
	const struct model_as *as = &model->as[as_id];

	for (uint32_t i = 0; i < MODEL_GET(as->used); i++) {
		const struct model_slot_map *map = &as->slot[i].now;

		if (MODEL_GET(as->slot[i].state) == MODEL_DEAD || !map_covers(map, gfn))
			continue;
		*hva = MODEL_GET(map->hva) + ((gfn - MODEL_GET(map->base)) << MMU_PAGE_SHIFT);
		return true;
	}
	return false;
}

bool model_is_private(const struct model *model, gfn_t gfn)
{
	return model->attribute && gfn < model->gfns && (MODEL_GET(model->attribute[gfn]) & MODEL_PRIVATE);
}

unsigned int model_windows_over(const struct model *model, hva_t start, uint64_t npages)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < MODEL_WINDOWS_MAX; i++) {
		const struct model_window *window = &model->window[i];

		if (window->npages && window->start < start + (npages << MMU_PAGE_SHIFT) &&
		    start < window->start + (window->npages << MMU_PAGE_SHIFT))
			count++;
	}
	return count;
}
