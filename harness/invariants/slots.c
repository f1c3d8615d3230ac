// SPDX-License-Identifier: GPL-2.0-only
/*
 * slots.c - the slot sets of each address space, against each other and against what was asked for.
 *
 *  1. M3   no slot is marked invalid, in either set
 *  2. M1   slots are disjoint and are the model's; the totals are their sums
 *  3. M2   both sets hold the same; the generation is settled and of the right residue
 *  4. P11  a slot with guest_memfd is neither read-only nor logged
 *  5. P6   it is bound exactly while its file is open
 *  6. D6   it has a bitmap if and only if it is logged and bitmaps are in use
 *
 * Not verified: lookups by gfn and hva through the trees (M4), SRCU life times (M5), huge-page counts (M6).
 * Source: spec.md 7.4, 3.1.
 */
#include "harness/invariants/audit.h"

#include <stdlib.h>

struct slot_list {
	unsigned int count;
	struct mmu_slot slot[MMU_ADDRESS_SPACES_MAX * MODEL_SLOTS_MAX];
};

#define SLOT_FORMAT "as %u slot %u [%#" PRIx64 ", %#" PRIx64 ") hva %#lx flags %#x"
#define SLOT_FACTS(slot) \
	(slot)->as_id, (slot)->id, (slot)->base, (slot)->base + (slot)->npages, (slot)->hva, (slot)->flags

static bool collect(void *context, const struct mmu_slot *slot)
{
	struct slot_list *list = context;

	HOST_ASSERT(list->count < sizeof(list->slot) / sizeof(list->slot[0]));
	list->slot[list->count++] = *slot;
	return true;
}

static void check_alone(const struct audit *audit, const struct mmu_slot *slot, const char *set)
{
	bool logged = slot->flags & MMU_SLOT_LOG_DIRTY;
	bool bitmap_wanted = logged && !audit->world->vm_config.dirty_ring_bytes;
	bool plain = !(slot->flags & (MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY));

	EXPECT(M3, !slot->invalid, "%s " SLOT_FORMAT, set, SLOT_FACTS(slot));
	EXPECT(D6, slot->has_dirty_bitmap == bitmap_wanted, "%s " SLOT_FORMAT ": %s bitmap", set, SLOT_FACTS(slot),
	       slot->has_dirty_bitmap ? "a" : "no");
	if (slot->flags & MMU_SLOT_GMEM)
		EXPECT(P11, plain, "%s " SLOT_FORMAT, set, SLOT_FACTS(slot));
}

static void check_against_model(const struct audit *audit, const struct mmu_slot *slot)
{
	const struct model *model = &audit->world->model;
	const struct model_slot *wanted = model_slot_by_id(model, slot->as_id, slot->id);
	bool live = wanted && wanted->state == MODEL_LIVE;
	bool same = live && wanted->now.base == slot->base && wanted->now.npages == slot->npages &&
		    wanted->now.hva == slot->hva && wanted->now.flags == slot->flags;
	bool open;

	EXPECT(M1, same, SLOT_FORMAT ": %s", SLOT_FACTS(slot), live ? "set otherwise" : "not set");
	if (!same || !(slot->flags & MMU_SLOT_GMEM))
		return;
	open = wanted->now.gmem != MODEL_NO_GMEM && model->gmem[wanted->now.gmem].state == MODEL_LIVE;
	EXPECT(P6, slot->gmem_bound == open, SLOT_FORMAT ": %s, its file is %s", SLOT_FACTS(slot),
	       slot->gmem_bound ? "bound" : "not bound", open ? "open" : "closed");
}

/* Quadratic, over at most 128 slots. */
static void check_disjoint(const struct slot_list *list)
{
	for (unsigned int i = 0; i < list->count; i++) {
		for (unsigned int j = 0; j < i; j++) {
			const struct mmu_slot *a = &list->slot[i];
			const struct mmu_slot *b = &list->slot[j];
			bool apart = a->base + a->npages <= b->base || b->base + b->npages <= a->base;

			EXPECT(M1, a->as_id != b->as_id || (apart && a->id != b->id), SLOT_FORMAT " and " SLOT_FORMAT,
			       SLOT_FACTS(a), SLOT_FACTS(b));
		}
	}
}

static unsigned int count_in_model(const struct audit *audit)
{
	const struct model *model = &audit->world->model;
	unsigned int count = 0;

	for (unsigned int as_id = 0; as_id < MMU_ADDRESS_SPACES_MAX; as_id++)
		for (unsigned int i = 0; i < model->as[as_id].used; i++)
			count += model->as[as_id].slot[i].state == MODEL_LIVE;
	return count;
}

static void check_totals(const struct audit *audit, const struct slot_list *list)
{
	int64_t pages_told = audit->core->counter(audit->vm, MMU_COUNTER_SLOT_PAGES);
	int64_t logged_told = audit->core->counter(audit->vm, MMU_COUNTER_SLOTS_DIRTY_LOGGED);
	int64_t pages = 0;
	int64_t logged = 0;

	for (unsigned int i = 0; i < list->count; i++) {
		pages += list->slot[i].npages;
		logged += !!(list->slot[i].flags & MMU_SLOT_LOG_DIRTY);
	}
	EXPECT(M1, list->count == count_in_model(audit), "%u slots, %u were set", list->count, count_in_model(audit));
	if (pages_told != MMU_COUNTER_ABSENT)
		EXPECT(M1, pages_told == pages, "%" PRIi64 " pages of slots counted, %" PRIi64 " found", pages_told,
		       pages);
	if (logged_told != MMU_COUNTER_ABSENT)
		EXPECT(M1, logged_told == logged, "%" PRIi64 " logged slots counted, %" PRIi64 " found", logged_told,
		       logged);
}

static bool contains(const struct slot_list *list, const struct mmu_slot *slot)
{
	for (unsigned int i = 0; i < list->count; i++) {
		const struct mmu_slot *other = &list->slot[i];

		if (other->as_id == slot->as_id && other->id == slot->id && other->base == slot->base &&
		    other->npages == slot->npages && other->hva == slot->hva && other->flags == slot->flags)
			return true;
	}
	return false;
}

static void check_twin(const struct slot_list *active, const struct slot_list *inactive)
{
	EXPECT(M2, active->count == inactive->count, "%u slots in use, %u in the other set", active->count,
	       inactive->count);
	for (unsigned int i = 0; i < active->count; i++)
		EXPECT(M2, contains(inactive, &active->slot[i]), SLOT_FORMAT " is not in the other set",
		       SLOT_FACTS(&active->slot[i]));
}

/* Address space i of n has the generations i, i + n, i + 2n ...; bit 63 says that an update is going on. */
static void check_generations(const struct audit *audit)
{
	unsigned int n = audit->world->address_spaces;

	for (unsigned int as_id = 0; as_id < n; as_id++) {
		int64_t generation = audit->core->counter(audit->vm, MMU_COUNTER_GENERATION_0 + as_id);
		bool settled = generation >= 0;

		if (generation != MMU_COUNTER_ABSENT)
			EXPECT(M2, settled && generation % n == as_id, "generation %#" PRIx64 " of as %u of %u",
			       (uint64_t)generation, as_id, n);
	}
}

void slots_audit(struct audit *audit)
{
	struct slot_list *active = calloc(2, sizeof(*active));
	struct slot_list *inactive = active + 1;

	HOST_ASSERT(active);
	audit->core->for_each_slot(audit->vm, true, collect, active);
	audit->core->for_each_slot(audit->vm, false, collect, inactive);
	for (unsigned int i = 0; i < active->count; i++) {
		check_alone(audit, &active->slot[i], "active");
		check_against_model(audit, &active->slot[i]);
	}
	for (unsigned int i = 0; i < inactive->count; i++)
		check_alone(audit, &inactive->slot[i], "inactive");
	check_disjoint(active);
	check_totals(audit, active);
	check_twin(active, inactive);
	check_generations(audit);
	free(active);
}
