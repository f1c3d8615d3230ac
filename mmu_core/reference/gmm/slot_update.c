// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_update.c - one change of a slot, as readers under SRCU and faults that are under way may see it.
 *
 * The inactive set is changed and made the active one; when nobody is in the other any more, it is changed, too.  A
 * slot that goes or moves is first replaced by a copy marked invalid: faults that find it try again, so that nothing
 * new is mapped while what is mapped is taken away; then it goes, by a second swap.
 *
 * Everything that can fail comes before the first swap.
 * Locking: slots_lock.
 * Source:  spec.md 3.1, 3.2.
 */
#include <errno.h>
#include <string.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

static struct gmm_slot_set *inactive(struct mmu_vm *vm, unsigned int as_id)
{
	struct gmm_slots *slots = &vm->slots[as_id];

	return &slots->set[slots->active == &slots->set[0]];
}

static void replace_in(struct gmm_slot_set *set, struct gmm_slot *old, struct gmm_slot *new)
{
	if (old) {
		gmm_tree_remove(set, old);
		gmm_array_remove(set, old);
	}
	if (new) {
		gmm_tree_insert(set, new);
		gmm_array_insert(set, new);
	}
}

struct publication {
	struct gmm_slots *slots;
	struct gmm_slot_set *set;
};

static void publish(void *context)
{
	struct publication *publication = context;

	sync_store_release(&publication->slots->active, publication->set);
}

/* Newer than that of each set that a mode looks into as well, so that the newest one tells of any change. */
static uint64_t next_generation(struct mmu_vm *vm, unsigned int as_id)
{
	uint64_t newest = 0;

	for (unsigned int mode = 0; mode < 1u << vm->vis.bits; mode++) {
		uint64_t generation = gmm_generation(vm, mode);

		if ((vm->vis.seen[mode] >> as_id & 1) && generation > newest)
			newest = generation;
	}
	return newest - newest % vm->nr_as + vm->nr_as + as_id;
}

/* The set that was active is nobody's when this returns. */
static void swap(struct mmu_vm *vm, unsigned int as_id)
{
	struct publication publication = { &vm->slots[as_id], inactive(vm, as_id) };
	uint64_t before = publication.slots->active->generation, generation = next_generation(vm, as_id);

	sync_store(&publication.set->generation, before | GMM_GENERATION_IN_PROGRESS);
	gmm_between_windows(vm, publish, &publication);
	host_srcu_synchronize(vm->srcu);
	/* Before the generation is in use, or an entry from its first time round would look like one of now. */
	if (gmm_mmio_wraps(vm, before, generation))
		gmm_zap_all_fast(vm);
	sync_store(&publication.set->generation, generation);
}

/* In both sets, one after the other. */
static void replace(struct mmu_vm *vm, unsigned int as_id, struct gmm_slot *old, struct gmm_slot *new)
{
	replace_in(inactive(vm, as_id), old, new);
	swap(vm, as_id);
	replace_in(inactive(vm, as_id), old, new);
}

/* --------------------------------------------------------------------------------------------------------- pieces */

static bool wants_bitmap(const struct mmu_vm *vm, const struct gmm_slot *slot)
{
	return (slot->flags & MMU_SLOT_LOG_DIRTY) && !vm->vm_config.dirty_ring_bytes;
}

static int make_bitmap(const struct mmu_vm *vm, struct gmm_slot *slot)
{
	uint64_t words = (slot->npages + 63) / 64;

	slot->dirty = host_alloc(words * sizeof(*slot->dirty), 0, HOST_ALLOC_ZERO);
	if (!slot->dirty)
		return -ENOMEM;
	for (uint64_t page = 0; vm->vm_config.dirty_initially_set && page < slot->npages; page++)
		slot->dirty[page / 64] |= (uint64_t)1 << page % 64;
	return 0;
}

static void free_frames(struct gmm_slot *slot)
{
	for (unsigned int i = 0; i < GMM_HUGE_LEVELS; i++)
		host_free(slot->frame[i]);
}

/* The slot that will be: with its own frames if it is elsewhere, and with a bitmap of its own if it has none yet. */
static int prepare(struct mmu_vm *vm, struct gmm_slot *new, const struct gmm_slot *old, bool moves)
{
	int error = 0;

	if (old && wants_bitmap(vm, new))
		new->dirty = old->dirty;
	if (wants_bitmap(vm, new) && !new->dirty)
		error = make_bitmap(vm, new);
	if (!error && moves)
		error = gmm_frames_create(vm, new);
	if (error) {
		if (!old || new->dirty != old->dirty)
			host_free(new->dirty);
		new->dirty = NULL;
	}
	return error;
}

static void account(struct mmu_vm *vm, const struct gmm_slot *old, const struct gmm_slot *new)
{
	int logged = (new && (new->flags &MMU_SLOT_LOG_DIRTY)) - (old && (old->flags & MMU_SLOT_LOG_DIRTY));

	vm->slot_npages += (new ? new->npages : 0) - (old ? old->npages : 0);
	if (!logged)
		return;
	sync_add(&vm->slots_logged, logged);
	/* CPUs log by the page-modification log only if they have been entered with it on. */
	if (vm->config.pml)
		gmm_request_all(vm, GMM_REQUEST_LOOK);
}

static void zap_slot(struct mmu_vm *vm, const struct gmm_slot *slot)
{
	const struct gmm_range range = {
		.as_id = slot->as_id,
		.start = slot->base,
		.end = slot->base + slot->npages,
		.filter = GMM_SHARED | GMM_PRIVATE,
		.may_yield = true,
	};

	if (vm->vm_config.type == MMU_VM_DEFAULT && vm->vm_config.quirk_slot_zap_all) {
		gmm_zap_all_fast(vm);
		return;
	}
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	if (gmm_zap_range(vm, &range, false))
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

/* ------------------------------------------------------------------------------------------------------ the changes */

/* Replaces @old by a copy that says that it is going, and takes away what is mapped. */
static struct gmm_slot *invalidate(struct mmu_vm *vm, struct gmm_slot *old, struct gmm_slot *copy)
{
	*copy = *old;
	copy->flags |= GMM_SLOT_INVALID;
	replace(vm, old->as_id, old, copy);
	zap_slot(vm, copy);
	gmm_reclaimed(vm);
	return copy;
}

static void free_slot(struct gmm_slot *slot)
{
	free_frames(slot);
	host_free(slot->dirty);
	host_free(slot);
}

static int delete(struct mmu_vm *vm, struct gmm_slot *old)
{
	struct gmm_slot *copy = host_alloc(sizeof(*copy), 0, 0);

	if (!copy)
		return -ENOMEM;
	invalidate(vm, old, copy);
	replace(vm, old->as_id, copy, NULL);
	gmem_unbind(old);
	account(vm, copy, NULL);
	host_free(copy);
	free_slot(old);
	return 0;
}

static int create(struct mmu_vm *vm, struct gmm_slot *new, const struct mmu_slot_request *request)
{
	int error = prepare(vm, new, NULL, true);

	if (!error && (new->flags &MMU_SLOT_GMEM))
		error = gmem_bind(vm, new, request->gmem, request->gmem_offset);
	if (!error && new->base + new->npages > gmm_gfn_end(vm)) {
		gmem_unbind(new);
		error = -EINVAL;
	}
	if (error) {
		free_slot(new);
		return error;
	}
	replace(vm, new->as_id, NULL, new);
	account(vm, NULL, new);
	return 0;
}

static int move(struct mmu_vm *vm, struct gmm_slot *old, struct gmm_slot *new)
{
	struct gmm_slot *copy = host_alloc(sizeof(*copy), 0, 0);
	int error = copy ? 0 : -ENOMEM;

	if (!error)
		error = prepare(vm, new, old, true);
	if (!error && new->base + new->npages > gmm_gfn_end(vm))
		error = -EINVAL;
	if (error) {
		if (new->dirty == old->dirty)
			new->dirty = NULL;
		if (planted(M_51) && copy)
			copy = (invalidate(vm, old, copy), NULL);
		host_free(copy);
		free_slot(new);
		return error;
	}
	invalidate(vm, old, copy);
	replace(vm, old->as_id, copy, new);
	account(vm, old, new);
	if (new->dirty == old->dirty)
		old->dirty = NULL;
	host_free(copy);
	free_slot(old);
	return 0;
}

static int change_flags(struct mmu_vm *vm, struct gmm_slot *old, struct gmm_slot *new)
{
	uint32_t toggled = old->flags ^ new->flags;
	int error;

	memcpy(new->frame, old->frame, sizeof(new->frame));
	error = prepare(vm, new, old, false);
	if (error) {
		host_free(new);
		return error;
	}
	replace(vm, old->as_id, old, new);
	account(vm, old, new);
	if ((toggled & vis_slot_flags(vm)) && !planted(M_31))
		zap_slot(vm, new); /* who does not see it any more has it mapped */
	if (toggled & new->flags & MMU_SLOT_LOG_DIRTY)
		gmm_log_begins(vm, new);
	else if (toggled & MMU_SLOT_LOG_DIRTY)
		gmm_log_ends(vm, new);
	if (new->dirty != old->dirty)
		host_free(old->dirty);
	if (planted(M_50))
		free_frames(old);
	host_free(old);
	return 0;
}

void gmm_slots_renew(struct mmu_vm *vm)
{
	swap(vm, 0);
}

static bool make_room(struct mmu_vm *vm, unsigned int as_id)
{
	struct gmm_slots *slots = &vm->slots[as_id];
	uint32_t count = slots->active->count + 1;

	/* The array of the active set has readers: it grows when it is the other one's turn. */
	if (!gmm_array_reserve(inactive(vm, as_id), count))
		return false;
	if (slots->active->room >= count)
		return true;
	swap(vm, as_id);
	return gmm_array_reserve(inactive(vm, as_id), count);
}

int gmm_slot_update(struct mmu_vm *vm, enum gmm_slot_change change, struct gmm_slot *old, const struct gmm_slot *new,
		    const struct mmu_slot_request *request)
{
	struct gmm_slot *slot = NULL;

	if (change == GMM_SLOT_DELETE)
		return delete (vm, old);
	if (!make_room(vm, request->as_id))
		return -ENOMEM;
	slot = host_alloc(sizeof(*slot), 0, 0);
	if (!slot)
		return -ENOMEM;
	*slot = *new;
	switch (change) {
	case GMM_SLOT_CREATE:
		return create(vm, slot, request);
	case GMM_SLOT_MOVE:
		return move(vm, old, slot);
	default:
		return change_flags(vm, old, slot);
	}
}

void gmm_slots_destroy(struct mmu_vm *vm)
{
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slots *slots = &vm->slots[as_id];

		gmm_for_each_slot(slot, slots->active)
		{
			gmem_unbind(slot);
			free_slot(slot);
		}
		host_free(slots->set[0].array);
		host_free(slots->set[1].array);
	}
}
