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
	return model_attribute(model, gfn) & MODEL_PRIVATE;
}

void model_attribute_set(struct model *model, gfn_t gfn, uint8_t bits)
{
	uint8_t *chunk = model_chunk(model, gfn);

	if (!chunk) {
		if (!bits)
			return;
		chunk = host_memory_alloc(MODEL_CHUNK_GFNS);
		__atomic_store_n(&model->attributes[gfn / MODEL_CHUNK_GFNS], chunk, __ATOMIC_RELEASE);
	}
	MODEL_SET(chunk[gfn % MODEL_CHUNK_GFNS], bits);
}

void model_attributes_init(struct model *model, uint64_t gfns)
{
	uint64_t chunks = (gfns + MODEL_CHUNK_GFNS - 1) / MODEL_CHUNK_GFNS;

	model->gfns = gfns;
	model->attributes = host_memory_alloc(chunks * sizeof(*model->attributes));
}

void model_attributes_free(struct model *model)
{
	for (gfn_t gfn = 0; model->attributes && gfn < model->gfns; gfn += MODEL_CHUNK_GFNS)
		host_memory_free(model_chunk(model, gfn));
	host_memory_free(model->attributes);
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
