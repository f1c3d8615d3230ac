// SPDX-License-Identifier: GPL-2.0-only
/*
 * slots.c - finding slots.
 *
 * Locking: SRCU, or slots_lock.
 */
#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

struct gmm_slot_set *gmm_active(struct mmu_vm *vm, unsigned int as_id)
{
	CORE_ASSERT(as_id < vm->nr_as);
	CORE_ASSERT(host_srcu_read_held(vm->srcu) || host_lock_held(&vm->slots_lock, HOST_LOCK_SHARED));
	return sync_load_acquire(&vm->slots[as_id].active);
}

static struct gmm_slot *find_in(struct mmu_vm *vm, struct gmm_slot_set *set, gfn_t gfn)
{
	struct gmm_slot *slot = gmm_tree_find(set, gfn);

	GMM_BUG_ON(vm, slot != gmm_array_find(set, gfn));
	return slot;
}

struct gmm_slot *gmm_slot_find(struct mmu_vm *vm, unsigned int as_id, gfn_t gfn)
{
	return find_in(vm, gmm_active(vm, as_id), gfn);
}

/* What everybody looks into comes last in the mask, and is most of memory. */
static struct gmm_slot *look(struct mmu_vm *vm, unsigned int mode, unsigned int sets, gfn_t gfn, uint64_t *lookups)
{
	while (sets) {
		unsigned int set = 31 - __builtin_clz(sets);
		struct gmm_slot *slot = gmm_slot_find(vm, set, gfn);

		++*lookups;
		if (slot)
			return vis_slot_is_seen(slot, mode) ? slot : NULL;
		sets &= ~(1u << set);
	}
	return NULL;
}

struct gmm_slot *gmm_slot_seen(struct mmu_vm *vm, unsigned int mode, gfn_t gfn)
{
	uint64_t lookups = 0;

	return look(vm, mode, vis_sets_at(vm, mode, gfn), gfn, &lookups);
}

uint64_t gmm_generation(struct mmu_vm *vm, unsigned int mode)
{
	uint64_t newest = 0;

	for (unsigned int sets = vm->vis.seen[mode]; sets; sets &= sets - 1) {
		uint64_t generation = sync_load(&gmm_active(vm, __builtin_ctz(sets))->generation);

		if (generation > newest)
			newest = generation;
	}
	return newest;
}

/*
 * The generation first: what has changed since is found under the old one, and does not count as soon as somebody
 * compares.
 */
struct gmm_slot *gmm_vcpu_slot(struct mmu_vcpu *vcpu, gfn_t gfn, uint64_t *generation)
{
	unsigned int mode = vis_mode(vcpu), sets;
	struct gmm_slot *slot = vcpu->last_slot;

	*generation = gmm_generation(vcpu->vm, mode);
	sets = vis_sets_at(vcpu->vm, mode, gfn);
	if (slot && (vcpu->last_generation == *generation || planted(M_32)) && gmm_slot_covers(slot, gfn) &&
	    (sets >> slot->as_id & 1))
		return slot;
	vcpu->lookups += vcpu->vm->vis.design->by_gfn;
	slot = look(vcpu->vm, mode, sets, gfn, &vcpu->lookups);
	if (slot) {
		vcpu->last_slot = slot;
		vcpu->last_generation = *generation;
	}
	return slot;
}

struct gmm_slot *gmm_slot_by_id(struct mmu_vm *vm, unsigned int as_id, uint16_t id)
{
	struct gmm_slot_set *set = gmm_active(vm, as_id);

	gmm_for_each_slot(slot, set)
	{
		if (slot->id == id)
			return slot;
	}
	return NULL;
}

bool gmm_overlaps_gfns(struct gmm_slot *slot, gfn_t start, gfn_t end, struct gmm_overlap *overlap)
{
	gfn_t slot_end = slot->base + slot->npages;

	*overlap = (struct gmm_overlap){
		.slot = slot,
		.start = start > slot->base ? start : slot->base,
		.end = end < slot_end ? end : slot_end,
	};
	return overlap->start < overlap->end;
}

/* Bytes are rounded out to pages. */
bool gmm_overlaps_hvas(struct gmm_slot *slot, hva_t start, hva_t end, struct gmm_overlap *overlap)
{
	uint64_t first = slot->hva >> MMU_PAGE_SHIFT;
	uint64_t low = start >> MMU_PAGE_SHIFT, high = (end + MMU_PAGE_SIZE - 1) >> MMU_PAGE_SHIFT;

	if (low < first)
		low = first;
	if (high > first + slot->npages)
		high = first + slot->npages;
	*overlap = (struct gmm_overlap){ slot, slot->base + low - first, slot->base + high - first };
	return low < high;
}

void gmm_slots_init(struct mmu_vm *vm)
{
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slots *slots = &vm->slots[as_id];

		slots->set[0].index = 0;
		slots->set[1].index = 1;
		slots->set[0].generation = as_id;
		slots->set[1].generation = as_id;
		slots->active = &slots->set[0];
	}
}
