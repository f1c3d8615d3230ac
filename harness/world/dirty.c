// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty.c - dirty bitmaps: harvests, and what they promise about each page.
 *
 * A harvest that reports a page has write-protected it (or cleared its D bit) and flushed when it returns: GET does, or
 * with manual protection CLEAR, for the pages that a GET has shown since they were last cleared.
 * Locking: the slot's dirty_lock for the whole harvest, which also keeps the slot as it is.
 * Source:  spec.md 3.9, 7.8, O-70, O-71.
 */
#include <errno.h>

#include "harness/finding/finding.h"
#include "harness/finding/known.h"
#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

static uint64_t words_for(uint64_t npages)
{
	return (npages + 63) / 64;
}

static bool bit_is_set(const uint64_t *bitmap, uint64_t bit)
{
	return bitmap[bit / 64] >> (bit % 64) & 1;
}

struct model_slot *dirty_lock_slot(struct world *world, unsigned int as_id, unsigned int id)
{
	struct model_slot *slot;

	if (as_id >= world->address_spaces || id > UINT16_MAX)
		return NULL;
	slot = model_slot_known(&world->model.as[as_id], id);
	if (!slot || MODEL_GET(slot->state) == MODEL_DEAD)
		return NULL;
	world_lock(&slot->dirty_lock);
	if (slot->state == MODEL_LIVE)
		return slot;
	world_unlock(&slot->dirty_lock);
	return NULL;
}

void dirty_unlock_slot(struct model_slot *slot)
{
	world_unlock(&slot->dirty_lock);
}

void dirty_note_report(struct model_dirty *dirty, uint64_t page, uint64_t at)
{
	MODEL_SET(dirty->page[page].reported_at, at);
}

/* Readers take @from first: a new @at with an old @from judges nothing that had not completed. */
void dirty_note_protection(struct model_dirty *dirty, uint64_t page, uint64_t from, uint64_t at)
{
	MODEL_SET(dirty->page[page].protected_at, at);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	MODEL_SET(dirty->page[page].protected_from, from);
}

static bool is_logged(const struct model_slot *slot)
{
	return slot->now.flags & MMU_SLOT_LOG_DIRTY;
}

static void note_get(const struct world *world, struct model_slot *slot, const uint64_t *bitmap, uint64_t from,
		     uint64_t at)
{
	for (uint64_t page = 0; page < slot->now.npages; page++) {
		if (!bit_is_set(bitmap, page))
			continue;
		if (world->vm_config.manual_dirty_protect) {
			slot->dirty->page[page].shown = at;
			continue;
		}
		dirty_note_report(slot->dirty, page, at);
		dirty_note_protection(slot->dirty, page, from, at);
	}
}

/* One harvest.  The slot stays as it is until harvest_over(). */
struct harvest {
	struct world *world;
	struct model_slot *slot; /* NULL: none, and without its lock another thread may set one meanwhile */
	struct refusal refusal;
	uint64_t from, at;
};

static void harvest_of(struct harvest *harvest, enum op_code op, struct world *world, unsigned int as_id,
		       unsigned int id)
{
	struct model_slot *slot = dirty_lock_slot(world, as_id, id);

	*harvest = (struct harvest){
		.world = world,
		.slot = slot,
		.refusal = {
			.op = op,
			.world = world,
			.exact = slot || world->alone,
			.as_id = as_id,
			.id = id,
			.slot = slot,
		},
	};
}

static void harvest_begin(struct harvest *harvest)
{
	refusal_begin(&harvest->refusal);
	harvest->from = model_op_begin(&harvest->world->model);
}

static void harvest_return(struct harvest *harvest, int error)
{
	harvest->at = model_op_return(&harvest->world->model);
	refusal_end(&harvest->refusal, error);
}

static bool harvest_of_logged(const struct harvest *harvest)
{
	return harvest->slot && is_logged(harvest->slot);
}

static void harvest_over(struct harvest *harvest)
{
	if (harvest->slot)
		dirty_unlock_slot(harvest->slot);
}

int world_dirty_get(struct world *world, unsigned int as_id, unsigned int id, uint64_t *bitmap)
{
	struct harvest harvest;
	uint64_t *own = NULL;
	int error;

	harvest_of(&harvest, OP_dirty_get, world, as_id, id);
	/* No such slot: the core is asked all the same, with room for the largest log there can be. */
	if (!bitmap)
		bitmap = own = host_memory_alloc(harvest.slot ? words_for(harvest.slot->now.npages) * sizeof(*own)
							      : MODEL_LOGGED_PAGES_MAX / 8);
	harvest_begin(&harvest);
	error = world->core->dirty_get(world->vm, as_id, id, bitmap);
	harvest_return(&harvest, error);
	if (!error && harvest_of_logged(&harvest))
		note_get(world, harvest.slot, bitmap, harvest.from, harvest.at);
	harvest_over(&harvest);
	host_memory_free(own);
	return error;
}

/* What the harvest had taken when its buffer turned out to be bad is lost, and the caller knows it (spec.md O-70). */
static void note_loss(const struct world *world, struct model_slot *slot, uint64_t at)
{
	for (uint64_t page = 0; !world->vm_config.manual_dirty_protect && page < slot->now.npages; page++)
		dirty_note_report(slot->dirty, page, at);
}

/* By raw words, into memory that is not there. */
static int harvest_nowhere(struct harvest *harvest, struct world_vcpu *vcpu, enum mmu_uapi call,
			   const uint64_t words[MMU_UAPI_WORDS])
{
	int error;

	harvest_begin(harvest);
	error = vcpu->world->core->uapi(vcpu->world->vm, vcpu->core, call, true, words);
	harvest_return(harvest, error);
	return error;
}

int dirty_get_nowhere(struct world_vcpu *vcpu, unsigned int as_id, unsigned int id,
		      const uint64_t words[MMU_UAPI_WORDS])
{
	struct harvest harvest;
	int error;

	harvest_of(&harvest, OP_dirty_get, vcpu->world, as_id, id);
	harvest.refusal.bad_pointer = true;
	error = harvest_nowhere(&harvest, vcpu, MMU_UAPI_GET_DIRTY_LOG, words);
	if (error == -EFAULT && harvest_of_logged(&harvest))
		note_loss(vcpu->world, harvest.slot, harvest.at);
	harvest_over(&harvest);
	return error;
}

int dirty_clear_nowhere(struct world_vcpu *vcpu, unsigned int as_id, unsigned int id,
			const uint64_t words[MMU_UAPI_WORDS])
{
	struct harvest harvest;
	int error;

	harvest_of(&harvest, OP_dirty_clear, vcpu->world, as_id, id);
	harvest.refusal.first = words[1];
	harvest.refusal.value = words[0] >> 32;
	harvest.refusal.bad_pointer = harvest.refusal.value; /* no bits, nothing to copy */
	error = harvest_nowhere(&harvest, vcpu, MMU_UAPI_CLEAR_DIRTY_LOG, words);
	harvest_over(&harvest);
	return error;
}

static void note_clear(struct model_slot *slot, uint64_t first, uint32_t npages, const uint64_t *bitmap, uint64_t from,
		       uint64_t at)
{
	for (uint64_t bit = 0; bit < npages && first + bit < slot->now.npages; bit++) {
		struct model_dirty_page *page = &slot->dirty->page[first + bit];

		if (!bit_is_set(bitmap, bit))
			continue;
		/* Who clears a bit that no GET has shown throws the report away, and says that this is all right. */
		dirty_note_report(slot->dirty, first + bit, at);
		if (page->shown > slot->dirty->enabled_at)
			dirty_note_protection(slot->dirty, first + bit, from, at);
		page->shown = 0;
	}
}

int world_dirty_clear(struct world *world, unsigned int as_id, unsigned int id, uint64_t first, uint32_t npages,
		      const uint64_t *bitmap)
{
	struct harvest harvest;
	int error;

	harvest_of(&harvest, OP_dirty_clear, world, as_id, id);
	harvest.refusal.first = first;
	harvest.refusal.value = npages;
	harvest_begin(&harvest);
	error = world->core->dirty_clear(world->vm, as_id, id, first, npages, bitmap);
	harvest_return(&harvest, error);
	if (!error && harvest_of_logged(&harvest))
		note_clear(harvest.slot, first, npages, bitmap, harvest.from, harvest.at);
	harvest_over(&harvest);
	return error;
}

static void harvest_slot(struct world *world, unsigned int as_id, const struct model_slot *slot)
{
	uint64_t npages = slot->now.npages;
	uint64_t *bitmap = host_memory_alloc(words_for(npages) * sizeof(*bitmap));

	if (!world_dirty_get(world, as_id, slot->id, bitmap) && world->vm_config.manual_dirty_protect)
		world_dirty_clear(world, as_id, slot->id, 0, npages, bitmap);
	host_memory_free(bitmap);
}

void world_dirty_harvest_all(struct world *world)
{
	if (world->vm_config.dirty_ring_bytes) {
		world_ring_collect(world);
		return;
	}
	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id])
		{
			if (slot->state == MODEL_LIVE && is_logged(slot))
				harvest_slot(world, as_id, slot);
		}
	}
}

const char *world_dirty_place(const struct model_slot *slot, uint64_t page)
{
	bool begins_frame = !((slot->now.base + page) % mmu_level_npages(MMU_LEVEL_2M));

	if (!slot->log_initially_set)
		return "";
	if (slot->initially_set_ring)
		return "; " FACT_RING_INITIALLY_SET;
	if (slot->initially_set_dropped)
		return "; " FACT_INITIALLY_SET_DROPPED;
	return begins_frame && page % 64 ? "; " FACT_FRAME_IN_WORD : "";
}

static unsigned int check_slot(const struct model_slot *slot, unsigned int as_id)
{
	const struct model_dirty *dirty = slot->dirty;
	unsigned int lost = 0;

	invariant_count_checks(INV_D1, slot->now.npages);
	for (uint64_t i = 0; i < slot->now.npages; i++) {
		const struct model_dirty_page *page = &dirty->page[i];

		/* A write that begins at the tick of a return begins after it. */
		if (page->written < dirty->enabled_at || page->written < page->reported_at)
			continue;
		lost++;
		finding_violation(
			INV_D1,
			"slot %u:%u page 0x%lx (gfn 0x%lx) was written at %lu; last reported by a harvest that "
			"returned at %lu; logging since %lu%s",
			as_id, slot->id, (unsigned long)i, (unsigned long)(slot->now.base + i),
			(unsigned long)page->written, (unsigned long)page->reported_at,
			(unsigned long)dirty->enabled_at, world_dirty_place(slot, i));
	}
	return lost;
}

unsigned int world_check_dirty(struct world *world)
{
	unsigned int lost = 0;

	if (MODEL_GET(world->dead) || world->ring_overrun) /* nobody can read its logs any more */
		return 0;
	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id])
		{
			if (slot->state == MODEL_LIVE && is_logged(slot) && !(slot->now.flags & MMU_SLOT_READONLY))
				lost += check_slot(slot, as_id);
		}
	}
	return lost;
}
