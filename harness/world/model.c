// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c - look-ups in the model of one VM for those who may take their time: audits and operation wrappers.
 *
 * Locking: see model.h.
 */
#include "harness/world/model.h"

const struct model_slot *model_slot_by_id(const struct model *model, unsigned int as_id, unsigned int id)
{
	const struct model_slot *slot = model_slot_known(&model->as[as_id], id);

	return slot && slot->state != MODEL_DEAD ? slot : NULL;
}

const struct model_slot *model_slot_at(const struct model *model, unsigned int as_id, gfn_t gfn)
{
	const struct model_slot *slot = model_slot_over(&model->as[as_id], gfn);

	return slot && slot->state == MODEL_LIVE ? slot : NULL;
}

bool model_hva_at(const struct model *model, unsigned int as_id, gfn_t gfn, hva_t *hva)
{
	const struct model_slot *slot = model_slot_over(&model->as[as_id], gfn);

	if (!slot)
		return false;
	*hva = MODEL_GET(slot->now.hva) + ((gfn - MODEL_GET(slot->now.base)) << MMU_PAGE_SHIFT);
	return true;
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
