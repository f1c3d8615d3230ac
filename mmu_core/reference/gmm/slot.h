/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slot.h - memory slots: which gfns are backed by which hvas, and the sets in which they are found.
 *
 * Each address space, or what another design of visibility has instead (visibility.h), has two sets with the same
 * slots.  One is active: readers find it under SRCU, nobody changes it.
 * An update changes the other one, makes that the active one, waits for the readers of the first, and then changes that
 * as well.  A slot is a member of both sets, by one node for each.
 *
 * A set holds its slots in two containers, a sorted array with a hint and a tree; each lookup asks both.
 * Source: spec.md 3.1, S1.3.
 */
#ifndef MMU_REFERENCE_GMM_SLOT_H
#define MMU_REFERENCE_GMM_SLOT_H

#include "mmu_core/core.h"

#include "check.h"

struct mmu_vm;
struct mmu_vcpu;
struct gmem_file;

#define GMM_USER_SLOTS 32764
#define GMM_SLOT_NPAGES_MAX ((1ULL << 31) - 1)
#define GMM_SLOT_INVALID (1u << 16) /* it is being deleted or moved: try again, this is no hole */
#define GMM_SLOT_WANTS_SHIFT 24 /* bits of modes, and up; the first is what was KVM_MEM_X86_SMRAM */
#define GMM_GENERATION_IN_PROGRESS ((uint64_t)1 << 63)
_Static_assert(GMM_SLOT_INVALID < 1u << GMM_SLOT_WANTS_SHIFT, "what userspace says is no mark of ours (spec.md S1.1)");

/* Levels above 4K that leafs may have. */
#define GMM_HUGE_LEVELS 2

struct gmm_slot_node {
	struct gmm_slot *left, *right;
};

struct gmm_slot {
	struct gmm_slot_node node[2]; /* by index of the set */
	uint16_t as_id, id;
	uint32_t flags; /* enum mmu_slot_flags, GMM_SLOT_INVALID */
	gfn_t base;
	uint64_t npages;
	hva_t hva;
	/*
	 * A frame's count of reasons not to map it by one leaf, for 2M and 1G; GMM_FRAME_MIXED: both kinds of memory
	 * are in it.  mmu_lock.  Shared, as is the bitmap, by the copies of a slot that follow each other.
	 */
	uint32_t *frame[GMM_HUGE_LEVELS];
	uint64_t *dirty; /* atomics; NULL: not logged, or by rings */
	struct gmem_file *file; /* NULL: closed, or none */
	uint64_t file_page;
	struct gmm_slot *next_bound; /* of the file's slots: its lock */
};
#define GMM_FRAME_MIXED (1u << 31)

struct gmm_slot_set {
	uint64_t generation;
	uint8_t index; /* which of the two: of the slots' nodes */
	struct gmm_slot *tree;
	struct gmm_slot **array; /* by falling base */
	uint32_t count, room;
	uint32_t hint; /* where the last lookup has found something: a relaxed atomic */
};

struct gmm_slots {
	struct gmm_slot_set set[2];
	struct gmm_slot_set *active; /* SRCU */
};

/* ------------------------------------------------------------------------------------------------- the containers */

bool gmm_array_reserve(struct gmm_slot_set *set, uint32_t count);
void gmm_array_insert(struct gmm_slot_set *set, struct gmm_slot *slot);
void gmm_array_remove(struct gmm_slot_set *set, struct gmm_slot *slot);
struct gmm_slot *gmm_array_find(struct gmm_slot_set *set, gfn_t gfn);

void gmm_tree_insert(struct gmm_slot_set *set, struct gmm_slot *slot);
void gmm_tree_remove(struct gmm_slot_set *set, struct gmm_slot *slot);
struct gmm_slot *gmm_tree_find(const struct gmm_slot_set *set, gfn_t gfn);

static inline bool gmm_slot_covers(const struct gmm_slot *slot, gfn_t gfn)
{
	return gfn >= slot->base && gfn - slot->base < slot->npages;
}

/* ------------------------------------------------------------------------------------------------------- lookups */

/* SRCU, or slots_lock. */
struct gmm_slot_set *gmm_active(struct mmu_vm *vm, unsigned int as_id);
struct gmm_slot *gmm_slot_find(struct mmu_vm *vm, unsigned int as_id, gfn_t gfn);
struct gmm_slot *gmm_slot_by_id(struct mmu_vm *vm, unsigned int as_id, uint16_t id);
/* What a CPU in @mode finds, and the generation of all that it looks into: of what has changed last. */
struct gmm_slot *gmm_slot_seen(struct mmu_vm *vm, unsigned int mode, gfn_t gfn);
uint64_t gmm_generation(struct mmu_vm *vm, unsigned int mode);
/* For a vCPU in its mode; remembers the last one. */
struct gmm_slot *gmm_vcpu_slot(struct mmu_vcpu *vcpu, gfn_t gfn, uint64_t *generation);

/* Slots of an address space that overlap a range, by gfn. */
struct gmm_overlap {
	struct gmm_slot *slot;
	gfn_t start, end;
};
#define gmm_for_each_slot(slot, set)                                                 \
	for (uint32_t slot##_index = 0; slot##_index < (set)->count; slot##_index++) \
		for (struct gmm_slot *slot = (set)->array[slot##_index]; slot; slot = NULL)

bool gmm_overlaps_gfns(struct gmm_slot *slot, gfn_t start, gfn_t end, struct gmm_overlap *overlap);
bool gmm_overlaps_hvas(struct gmm_slot *slot, hva_t start, hva_t end, struct gmm_overlap *overlap);

/* ------------------------------------------------------------------------------------------------------- updates */

/* Everybody who has found slots by what is about to be something else is through when this returns; slots_lock. */
void gmm_slots_renew(struct mmu_vm *vm);
int gmm_slot_set_request(struct mmu_vm *vm, const struct mmu_slot_request *request, bool v1);
void gmm_slots_init(struct mmu_vm *vm);
void gmm_slots_destroy(struct mmu_vm *vm);

enum gmm_slot_change {
	GMM_SLOT_CREATE,
	GMM_SLOT_DELETE,
	GMM_SLOT_MOVE,
	GMM_SLOT_FLAGS,
};

/* slots_lock.  @new: what the slot will be; copied.  -ENOMEM, and what gmem_bind() says. */
int gmm_slot_update(struct mmu_vm *vm, enum gmm_slot_change change, struct gmm_slot *old, const struct gmm_slot *new,
		    const struct mmu_slot_request *request);

#endif
