// SPDX-License-Identifier: GPL-2.0-only
/*
 * attributes.c - private and shared: KVM_SET_MEMORY_ATTRIBUTES and the model's byte a gfn.
 *
 * Locking: world.attributes_lock for the whole operation: of two that overlap, the model must know which came last.
 * Source:  spec.md 3.7, O-30.
 */
#include <errno.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

static uint64_t clamp(uint64_t gfn, uint64_t gfns)
{
	return gfn < gfns ? gfn : gfns;
}

static bool is_too_much(const struct world *world, gpa_t gpa, uint64_t bytes)
{
	uint64_t most = world->limits.attribute_npages;

	return most && (bytes >> MMU_PAGE_SHIFT > most || (gpa + bytes) >> MMU_PAGE_SHIFT > world->model.gfns);
}

int world_attributes_set_raw(struct world *world, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags)
{
	struct model *model = &world->model;
	uint8_t next = attributes & MMU_ATTRIBUTE_PRIVATE ? MODEL_PRIVATE : 0;
	struct refusal refusal = {
		.op = OP_attributes_set,
		.world = world,
		.exact = true,
		.gpa = gpa,
		.bytes = bytes,
		.value = attributes,
		.flags = flags,
	};
	gfn_t start, end;
	int error;

	world_lock(&world->attributes_lock);
	refusal_begin(&refusal);
	if (!refusal.row && is_too_much(world, gpa, bytes)) {
		world_unlock(&world->attributes_lock);
		return -E2BIG;
	}
	start = clamp(gpa >> MMU_PAGE_SHIFT, model->gfns);
	end = gpa + bytes < gpa ? start : clamp((gpa + bytes) >> MMU_PAGE_SHIFT, model->gfns);
	model_op_begin(model);
	for (gfn_t gfn = start; model->attributes && gfn < end; gfn++)
		model_attribute_set(model, gfn, model_attribute(model, gfn) | MODEL_ATTRIBUTE_CHANGING);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	error = world->core->attributes_set(world->vm, gpa, bytes, attributes, flags);
	for (gfn_t gfn = start; model->attributes && gfn < end; gfn++)
		model_attribute_set(model, gfn, error ? model_attribute(model, gfn) & MODEL_PRIVATE : next);
	model_op_return(model);
	refusal_end(&refusal, error);
	world_unlock(&world->attributes_lock);
	return error;
}

int world_attributes_set(struct world *world, gpa_t gpa, uint64_t bytes, uint64_t attributes)
{
	return world_attributes_set_raw(world, gpa, bytes, attributes, 0);
}
