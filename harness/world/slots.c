// SPDX-License-Identifier: GPL-2.0-only
/*
 * slots.c - memory slots: the request goes to the core as it is, the model follows what came of it.
 *
 * Locking: world.slots_lock for the whole operation, as the core's own slots_lock; the slot's dirty_lock inside it, so
 *          that a harvest never spans a change of the slot that it harvests.
 * Source:  spec.md O-10 (order of checks, what each request means), 3.1.
 */
#include <errno.h>
#include <string.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

/* The one entry for @id.  Whole before others can find it. */
static struct model_slot *slot_for(struct model_as *as, uint16_t id)
{
	struct model_slot ***block = &as->by_id[id / MODEL_IDS_BLOCK];
	struct model_slot *slot = model_slot_known(as, id);

	if (slot)
		return slot;
	slot = host_memory_alloc(sizeof(*slot));
	slot->id = id;
	slot->now.gmem = slot->next.gmem = MODEL_NO_GMEM;
	slot->older = as->slots;
	__atomic_store_n(&as->slots, slot, __ATOMIC_RELEASE);
	if (!*block)
		__atomic_store_n(block, host_memory_alloc(MODEL_IDS_BLOCK * sizeof(**block)), __ATOMIC_RELEASE);
	__atomic_store_n(&(*block)[id % MODEL_IDS_BLOCK], slot, __ATOMIC_RELEASE);
	return slot;
}

static void store_map(struct model_slot_map *map, const struct model_slot_map *value)
{
	MODEL_SET(map->base, value->base);
	MODEL_SET(map->npages, value->npages);
	MODEL_SET(map->hva, value->hva);
	MODEL_SET(map->flags, value->flags);
	MODEL_SET(map->gmem, value->gmem);
	MODEL_SET(map->gmem_page, value->gmem_page);
}

/* How many of the places begin below @gfn. */
static uint32_t places_below(const struct model_places *places, gfn_t gfn)
{
	uint32_t low = 0, high = places->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (places->place[middle].base < gfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void store_place(struct model_place *place, gfn_t base, struct model_slot *slot)
{
	MODEL_SET(place->base, base);
	MODEL_SET(place->slot, slot);
}

static void leave_place(struct model_places *places, const struct model_slot *slot)
{
	uint32_t at = places_below(places, slot->now.base), last = places->count - 1;

	while (places->place[at].slot != slot)
		HOST_ASSERT(++at <= last);
	for (; at < last; at++)
		store_place(&places->place[at], places->place[at + 1].base, places->place[at + 1].slot);
	MODEL_SET(places->count, last);
}

/* Readers may be in the old array still. */
static struct model_places *outgrown(struct world *world, const struct model_places *places)
{
	struct model_places *bigger = places_alloc(2 * places->capacity);

	bigger->count = places->count;
	memcpy(bigger->place, places->place, places->count * sizeof(places->place[0]));
	world_retire(world, (void *)places);
	return bigger;
}

static void take_place(struct world *world, struct model_as *as, struct model_slot *slot, gfn_t base)
{
	struct model_places *places = as->places;
	uint32_t at = places_below(places, base), end = places->count;

	if (end == places->capacity) {
		places = outgrown(world, places);
		__atomic_store_n(&as->places, places, __ATOMIC_RELEASE);
	}
	for (; end > at; end--)
		store_place(&places->place[end], places->place[end - 1].base, places->place[end - 1].slot);
	store_place(&places->place[at], base, slot);
	MODEL_SET(places->count, places->count + 1);
}

/* Rewrites one slot under the sequence count. */
static void publish(struct world *world, struct model_as *as, struct model_slot *slot, enum model_state state,
		    const struct model_slot_map *now, const struct model_slot_map *next)
{
	bool moves = slot->now.base != now->base || !slot->now.npages != !now->npages;

	__atomic_add_fetch(&as->changes, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (moves && slot->now.npages)
		leave_place(as->places, slot);
	if (moves && now->npages)
		take_place(world, as, slot, now->base);
	store_map(&slot->now, now);
	store_map(&slot->next, next);
	MODEL_SET(slot->state, state);
	MODEL_SET(as->changing, state == MODEL_CHANGING ? slot : NULL);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_add_fetch(&as->changes, 1, __ATOMIC_RELAXED);
}

static void make_room_for_log(struct world *world, struct model_slot *slot, uint64_t npages)
{
	struct model_dirty *dirty = slot->dirty;

	if (dirty && dirty->capacity >= npages)
		return;
	world_retire(world, dirty);
	dirty = host_memory_alloc(sizeof(*dirty) + npages * sizeof(dirty->page[0]));
	dirty->capacity = npages;
	__atomic_store_n(&slot->dirty, dirty, __ATOMIC_RELAXED);
}

bool world_slot_overlaps(const struct world *world, unsigned int as_id, const struct model_slot *self, gfn_t base,
			 uint64_t npages)
{
	const struct model_places *places = world->model.as[as_id].places;
	uint32_t at = places_below(places, base + npages);

	/* The others are disjoint, so the last of them that begins below the end decides. */
	if (at && places->place[at - 1].slot == self)
		at--;
	if (!at)
		return false;
	return places->place[at - 1].base + places->place[at - 1].slot->now.npages > base;
}

static struct model_slot_map requested_map(const struct world *world, const struct mmu_slot_request *request,
					   const struct model_gmem *gmem)
{
	if (!request->bytes)
		return (struct model_slot_map){ .gmem = MODEL_NO_GMEM };
	return (struct model_slot_map){
		.base = request->gpa >> MMU_PAGE_SHIFT,
		.npages = request->bytes >> MMU_PAGE_SHIFT,
		.hva = request->hva,
		.flags = request->flags,
		.gmem = gmem ? gmem - world->model.gmem : MODEL_NO_GMEM,
		.gmem_page = request->gmem_offset >> MMU_PAGE_SHIFT,
	};
}

/* The dirty log of a slot that has just changed from @now to @next, lawfully. */
static void update_log(struct world *world, struct model_slot *slot, const struct model_slot_map *now,
		       const struct model_slot_map *next, uint64_t from, uint64_t at)
{
	bool was_logged = now->npages && (now->flags & MMU_SLOT_LOG_DIRTY);
	bool only_flags = now->npages && now->base == next->base;

	if (!next->npages || was_logged || !(next->flags & MMU_SLOT_LOG_DIRTY))
		return;
	/* Initially-set leaves the write-protection to CLEAR (spec.md 3.9); a new or moved slot has no translations. */
	slot->log_initially_set = world->vm_config.dirty_initially_set;
	slot->initially_set_dropped = false;
	slot->initially_set_ring = slot->log_initially_set && world->vm_config.dirty_ring_bytes;
	MODEL_SET(slot->dirty->enabled_at, at);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	MODEL_SET(slot->dirty->enabled_from, only_flags && !world->vm_config.dirty_initially_set ? from : 0);
}

typedef int (*slot_call)(struct mmu_vm *vm, const struct mmu_slot_request *request);

/* The core will do it: while it does, both states are lawful. */
static int change_locked(struct world *world, const struct mmu_slot_request *request, struct model_gmem *gmem,
			 slot_call call)
{
	struct model_as *as = &world->model.as[request->as_id];
	struct model_slot_map next = requested_map(world, request, gmem), now;
	struct model_slot *slot = slot_for(as, request->id);
	uint64_t from, at;
	int error;

	world_lock(&slot->dirty_lock);
	now = slot->now;
	if (next.flags & MMU_SLOT_LOG_DIRTY)
		make_room_for_log(world, slot, next.npages);

	from = model_op_begin(&world->model);
	MODEL_SET(world->zapped_at, from);
	publish(world, as, slot, MODEL_CHANGING, &now, &next);
	error = call(world->vm, request);
	at = model_op_return(&world->model);
	if (!error) {
		update_log(world, slot, &now, &next, from, at);
		world->slot_npages += next.npages - now.npages;
		now = next;
	}
	publish(world, as, slot, now.npages ? MODEL_LIVE : MODEL_DEAD, &now, &now);
	world_unlock(&slot->dirty_lock);
	return error;
}

/* A move that is refused late has zapped by then. */
static int try_locked(struct world *world, const struct mmu_slot_request *request, slot_call call)
{
	int error;

	MODEL_SET(world->zapped_at, model_op_begin(&world->model));
	error = call(world->vm, request);
	model_op_return(&world->model);
	return error;
}

/* More than the model follows, or than a run has time for. */
static bool is_too_much(const struct world *world, const struct mmu_slot_request *request)
{
	uint64_t npages = request->bytes >> MMU_PAGE_SHIFT;

	return ((request->flags & MMU_SLOT_LOG_DIRTY) && npages > MODEL_LOGGED_PAGES_MAX) ||
	       (world->limits.slot_npages && world->slot_npages + npages > world->limits.slot_npages);
}

/* Some kernels do what others refuse: then the model has to follow. */
static bool may_be_done(const struct refusal_row *row)
{
	for (unsigned int i = 0; row && i < row->nr_errnos; i++) {
		if (!row->errnos[i])
			return true;
	}
	return !row;
}

static int set_locked(struct world *world, const struct mmu_slot_request *request, struct model_gmem *gmem, bool v1)
{
	slot_call call = v1 ? world->core->slot_set_v1 : world->core->slot_set;
	struct refusal refusal = {
		.op = v1 ? OP_slot_set_v1 : OP_slot_set,
		.world = world,
		.exact = true,
		.request = request,
		.gmem = gmem,
		.other_file = request->gmem == MMU_GMEM_OTHER_FILE,
	};
	int error;

	if (request->as_id < world->address_spaces)
		refusal.slot = model_slot_known(&world->model.as[request->as_id], request->id);
	refusal_begin(&refusal);
	if (may_be_done(refusal.row) && is_too_much(world, request))
		return -E2BIG;
	error = may_be_done(refusal.row) ? change_locked(world, request, gmem, call) : try_locked(world, request, call);
	refusal_end(&refusal, error);
	return error;
}

static int set(struct world *world, const struct mmu_slot_request *wanted, bool v1)
{
	struct mmu_slot_request request = *wanted;
	struct model_gmem *gmem = NULL;
	int error;

	if (request.flags & MMU_SLOT_GMEM) {
		gmem = gmem_users_begin(world, request.gmem);
		if (!gmem && request.gmem != MMU_GMEM_OTHER_FILE)
			request.gmem = MMU_GMEM_NONE;
	}
	world_lock(&world->slots_lock);
	error = set_locked(world, &request, gmem, v1);
	world_unlock(&world->slots_lock);
	if (gmem)
		gmem_users_end(gmem);
	return error;
}

int world_slot_set(struct world *world, const struct mmu_slot_request *request)
{
	return set(world, request, false);
}

int world_slot_set_v1(struct world *world, const struct mmu_slot_request *request)
{
	return set(world, request, true);
}

int world_slot_create(struct world *world, unsigned int as_id, unsigned int id, gfn_t base, uint64_t npages, hva_t hva,
		      uint32_t flags)
{
	const struct mmu_slot_request request = {
		.as_id = as_id,
		.id = id,
		.flags = flags,
		.gpa = base << MMU_PAGE_SHIFT,
		.bytes = npages << MMU_PAGE_SHIFT,
		.hva = hva,
		.gmem = MMU_GMEM_NONE,
	};

	return world_slot_set(world, &request);
}

int world_slot_delete(struct world *world, unsigned int as_id, unsigned int id)
{
	const struct mmu_slot_request request = { .as_id = as_id, .id = id };

	return world_slot_set(world, &request);
}

bool world_slot_describe(struct world *world, unsigned int as_id, unsigned int id, struct mmu_slot_request *request)
{
	const struct model_slot *slot;

	if (as_id >= MMU_ADDRESS_SPACES_MAX)
		return false;
	world_lock(&world->slots_lock);
	slot = model_slot_by_id(&world->model, as_id, id);
	if (slot)
		*request = (struct mmu_slot_request){
			.as_id = as_id,
			.id = id,
			.flags = slot->now.flags,
			.gpa = slot->now.base << MMU_PAGE_SHIFT,
			.bytes = slot->now.npages << MMU_PAGE_SHIFT,
			.hva = slot->now.hva,
			.gmem = slot->now.gmem == MODEL_NO_GMEM ? MMU_GMEM_NONE
								: world->model.gmem[slot->now.gmem].descriptor,
			.gmem_offset = slot->now.gmem_page << MMU_PAGE_SHIFT,
		};
	world_unlock(&world->slots_lock);
	return slot;
}

int world_slot_move(struct world *world, unsigned int as_id, unsigned int id, gfn_t base)
{
	struct mmu_slot_request request;

	if (!world_slot_describe(world, as_id, id, &request))
		return -ENOENT;
	request.gpa = base << MMU_PAGE_SHIFT;
	return world_slot_set(world, &request);
}

int world_slot_set_flags(struct world *world, unsigned int as_id, unsigned int id, uint32_t flags)
{
	struct mmu_slot_request request;

	if (!world_slot_describe(world, as_id, id, &request))
		return -ENOENT;
	request.flags = flags;
	return world_slot_set(world, &request);
}
