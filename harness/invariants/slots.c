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
	size_t count, room;
	struct mmu_slot *slot; /* by address space, then by base */
};

#define SLOT_FORMAT "as %u slot %u [%#" PRIx64 ", %#" PRIx64 ") hva %#lx flags %#x"
#define SLOT_FACTS(slot) \
	(slot)->as_id, (slot)->id, (slot)->base, (slot)->base + (slot)->npages, (slot)->hva, (slot)->flags

static bool collect(void *context, const struct mmu_slot *slot)
{
	struct slot_list *list = context;

	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->slot = host_memory_resize(list->slot, list->room * sizeof(*list->slot));
	}
	list->slot[list->count++] = *slot;
	return true;
}

static int by_place(const void *left, const void *right)
{
	const struct mmu_slot *a = left, *b = right;

	if (a->as_id != b->as_id)
		return a->as_id < b->as_id ? -1 : 1;
	return (a->base > b->base) - (a->base < b->base);
}

static struct slot_list collect_set(const struct audit *audit, bool active)
{
	struct slot_list list = { 0 };

	audit->core->for_each_slot(audit->vm, active, collect, &list);
	if (list.count)
		qsort(list.slot, list.count, sizeof(*list.slot), by_place);
	return list;
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

/* Neighbours only.  That no id comes twice follows from the rest: as many as were set, each as it was set. */
static void check_disjoint(const struct slot_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		const struct mmu_slot *a = &list->slot[i - 1];
		const struct mmu_slot *b = &list->slot[i];

		EXPECT(M1, a->as_id != b->as_id || a->base + a->npages <= b->base, SLOT_FORMAT " and " SLOT_FORMAT,
		       SLOT_FACTS(a), SLOT_FACTS(b));
	}
}

static size_t count_in_model(const struct audit *audit)
{
	size_t count = 0;

	for (unsigned int as_id = 0; as_id < MMU_ADDRESS_SPACES_MAX; as_id++) {
		model_for_each_slot(slot, &audit->world->model.as[as_id]) count += slot->state == MODEL_LIVE;
	}
	return count;
}

static void check_totals(const struct audit *audit, const struct slot_list *list)
{
	int64_t pages_told = audit->core->counter(audit->vm, MMU_COUNTER_SLOT_PAGES);
	int64_t logged_told = audit->core->counter(audit->vm, MMU_COUNTER_SLOTS_DIRTY_LOGGED);
	int64_t pages = 0;
	int64_t logged = 0;

	for (size_t i = 0; i < list->count; i++) {
		pages += list->slot[i].npages;
		logged += !!(list->slot[i].flags & MMU_SLOT_LOG_DIRTY);
	}
	EXPECT(M1, list->count == count_in_model(audit), "%zu slots, %zu were set", list->count, count_in_model(audit));
	if (pages_told != MMU_COUNTER_ABSENT)
		EXPECT(M1, pages_told == pages, "%" PRIi64 " pages of slots counted, %" PRIi64 " found", pages_told,
		       pages);
	if (logged_told != MMU_COUNTER_ABSENT)
		EXPECT(M1, logged_told == logged, "%" PRIi64 " logged slots counted, %" PRIi64 " found", logged_told,
		       logged);
}

static bool is_same(const struct mmu_slot *a, const struct mmu_slot *b)
{
	return a->as_id == b->as_id && a->id == b->id && a->base == b->base && a->npages == b->npages &&
	       a->hva == b->hva && a->flags == b->flags;
}

/* Both are in the same order. */
static void check_twin(const struct slot_list *active, const struct slot_list *inactive)
{
	EXPECT(M2, active->count == inactive->count, "%zu slots in use, %zu in the other set", active->count,
	       inactive->count);
	for (size_t i = 0; i < active->count && i < inactive->count; i++)
		EXPECT(M2, is_same(&active->slot[i], &inactive->slot[i]),
		       SLOT_FORMAT " is " SLOT_FORMAT " in the other set", SLOT_FACTS(&active->slot[i]),
		       SLOT_FACTS(&inactive->slot[i]));
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
	struct slot_list active = collect_set(audit, true);
	struct slot_list inactive = collect_set(audit, false);

	for (size_t i = 0; i < active.count; i++) {
		check_alone(audit, &active.slot[i], "active");
		check_against_model(audit, &active.slot[i]);
	}
	for (size_t i = 0; i < inactive.count; i++)
		check_alone(audit, &inactive.slot[i], "inactive");
	check_disjoint(&active);
	check_totals(audit, &active);
	check_twin(&active, &inactive);
	check_generations(audit);
	host_memory_free(active.slot);
	host_memory_free(inactive.slot);
}
