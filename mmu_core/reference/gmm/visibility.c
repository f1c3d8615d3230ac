// SPDX-License-Identifier: GPL-2.0-only
/* visibility.c - what the designs have in common; see visibility.h. */
#include "gmm/visibility.h"

#include <errno.h>

#include "plant.h"

static const struct vis_design *const designs[VIS_BACKENDS] = {
	[VIS_SPACES] = &vis_spaces,       [VIS_FLAG] = &vis_flag,           [VIS_TRISTATE] = &vis_tristate,
	[VIS_OVERLAY_A] = &vis_overlay_a, [VIS_OVERLAY_B] = &vis_overlay_b,
};

const char *vis_name(enum vis_backend backend)
{
	return designs[backend]->name;
}

void vis_init(struct vis *vis, enum vis_backend backend, unsigned int bits, unsigned int reachable)
{
	CORE_ASSERT(bits >= 1 && bits <= VIS_BITS_MAX);
	*vis = (struct vis){ .design = designs[backend], .bits = bits, .reachable = reachable };
}

static void free_slot(struct vis_slot *slot)
{
	host_free(slot->slot.dirty);
	host_free(slot);
}

static void forget(struct vis_slot **link)
{
	struct vis_slot *slot = *link;

	*link = slot->next;
	gmm_tree_remove(slot->set, &slot->slot);
	free_slot(slot);
}

void vis_destroy(struct vis *vis)
{
	while (vis->slots)
		forget(&vis->slots);
	gmm_radix_destroy(&vis->attributes);
}

/* --------------------------------------------------------------------------------------------------------- lookups */

struct gmm_slot *vis_find_in(struct vis *vis, unsigned int set, gfn_t gfn)
{
	vis->lookups++;
	return gmm_tree_find(&vis->set[set], gfn);
}

struct gmm_slot *vis_find(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	CORE_ASSERT(vis->reachable >> mode & 1);
	return vis->design->find(vis, mode, gfn);
}

hva_t vis_hva(const struct gmm_slot *slot, gfn_t gfn)
{
	return slot->hva + ((gfn - slot->base) << MMU_PAGE_SHIFT);
}

bool vis_write(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	struct gmm_slot *slot = vis_find(vis, mode, gfn);
	uint64_t page;

	if (!slot || (slot->flags & MMU_SLOT_READONLY))
		return false;
	page = gfn - slot->base;
	slot->dirty[page / 64] |= (uint64_t)1 << page % 64;
	return true;
}

void vis_dirty_hvas(const struct vis *vis, void (*visitor)(void *context, hva_t hva), void *context)
{
	for (const struct vis_slot *slot = vis->slots; slot; slot = slot->next) {
		for (uint64_t page = 0; page < slot->slot.npages; page++) {
			if (slot->slot.dirty[page / 64] >> page % 64 & 1)
				visitor(context, vis_hva(&slot->slot, slot->slot.base + page));
		}
	}
}

/* --------------------------------------------------------------------------------------------------------- changes */

bool vis_overlaps(const struct vis_slot *slot, const struct vis_region *region)
{
	return slot->slot.base < region->base + region->npages && region->base < slot->slot.base + slot->slot.npages;
}

bool vis_is_taken(const struct vis *vis, const struct vis_region *region)
{
	for (const struct vis_slot *slot = vis->slots; slot; slot = slot->next) {
		if (vis_overlaps(slot, region))
			return true;
	}
	return false;
}

static struct vis_slot *make_slot(struct vis *vis, const struct vis_region *region, const struct vis_place *place)
{
	struct vis_slot *slot = host_alloc(sizeof(*slot), 0, HOST_ALLOC_ZERO);
	uint64_t words = (region->npages + 63) / 64;

	if (!slot)
		return NULL;
	slot->slot = (struct gmm_slot){
		.id = vis->next_id++,
		.flags = region->readonly ? MMU_SLOT_READONLY : 0,
		.base = region->base,
		.npages = region->npages,
		.hva = region->hva,
		.dirty = host_alloc(words * sizeof(uint64_t), 0, HOST_ALLOC_ZERO),
	};
	slot->set = &vis->set[place->set];
	slot->modes = place->modes;
	if (slot->slot.dirty)
		return slot;
	host_free(slot);
	return NULL;
}

static void zap(struct vis *vis, gfn_t base, uint64_t npages)
{
	if (vis->zap && !planted(M_31))
		vis->zap(vis->context, base, npages);
}

static bool sees_two(const struct vis *vis, const struct vis_region *region)
{
	for (const struct vis_slot *slot = vis->slots; slot; slot = slot->next) {
		if ((slot->modes & region->modes) && vis_overlaps(slot, region))
			return true;
	}
	return false;
}

static int make_slots(struct vis *vis, const struct vis_region *region, const struct vis_place places[],
		      unsigned int count, struct vis_slot *made[])
{
	for (unsigned int i = 0; i < count; i++) {
		made[i] = make_slot(vis, region, &places[i]);
		if (made[i])
			continue;
		while (i-- > 0)
			free_slot(made[i]);
		return -ENOMEM;
	}
	return 0;
}

int vis_add(struct vis *vis, const struct vis_region *region)
{
	struct vis_place places[VIS_SETS_MAX];
	struct vis_slot *made[VIS_SETS_MAX];
	unsigned int count = vis->design->places(vis, region->modes, places);
	int error;

	if (sees_two(vis, region))
		return -EEXIST;
	if (!count)
		return -EOPNOTSUPP;
	error = make_slots(vis, region, places, count, made);
	if (error)
		return error;
	error = vis->design->prepare ? vis->design->prepare(vis, region) : 0;
	for (unsigned int i = 0; i < count; i++) {
		if (error) {
			free_slot(made[i]);
			continue;
		}
		made[i]->next = vis->slots;
		vis->slots = made[i];
		gmm_tree_insert(made[i]->set, &made[i]->slot);
	}
	if (!error)
		zap(vis, region->base, region->npages); /* a mode may have noted that nothing is there */
	return error;
}

void vis_remove(struct vis *vis, gfn_t base, uint64_t npages)
{
	struct vis_slot **link = &vis->slots;

	while (*link) {
		if ((*link)->slot.base == base && (*link)->slot.npages == npages)
			forget(link);
		else
			link = &(*link)->next;
	}
	for (gfn_t gfn = gmm_radix_next(&vis->attributes, base, base + npages); gfn < base + npages;
	     gfn = gmm_radix_next(&vis->attributes, gfn, base + npages))
		gmm_radix_store(&vis->attributes, gfn, 0);
	zap(vis, base, npages);
}

/* ----------------------------------------------------------------------------------------------- classes and roles */

/* All of them show different memory in different modes, whatever they keep it in. */
unsigned int vis_class(const struct vis *vis, unsigned int mode)
{
	CORE_ASSERT(vis->reachable >> mode & 1);
	return mode;
}

static unsigned int shift_of(enum vis_role kind)
{
	return kind == VIS_ROLE_SMM ? 24 : 0;
}

/* @rest: all other bits, 24 of them, in their order. */
uint32_t vis_role(enum vis_role kind, uint32_t rest, unsigned int class)
{
	CORE_ASSERT(rest < 1u << 24 && class < VIS_MODES_MAX);
	return kind == VIS_ROLE_SMM ? class << 24 | rest : rest << 8 | class;
}

unsigned int vis_class_of_role(enum vis_role kind, uint32_t role)
{
	return role >> shift_of(kind) & 0xff;
}

/* ------------------------------------------------------------------------------------------------------------ costs */

static bool wants_bits(const struct vis *vis, unsigned int modes, unsigned int wanted)
{
	for (unsigned int mode = 0; mode < 1u << vis->bits; mode++) {
		if ((modes >> mode & 1) != !(wanted & ~mode))
			return false;
	}
	return true;
}

bool vis_wanted_bits(const struct vis *vis, unsigned int modes, unsigned int *wanted)
{
	for (*wanted = 0; *wanted < 1u << vis->bits; ++*wanted) {
		if (wants_bits(vis, modes, *wanted))
			return true;
	}
	return false;
}

/* Two bitmaps, so that one can be handed out, and a count for each frame of 2M and 1G (spec.md S0.3). */
static uint64_t slot_bytes(const struct gmm_slot *slot)
{
	uint64_t bytes = sizeof(struct vis_slot) + 2 * (slot->npages + 63) / 64 * sizeof(uint64_t);

	for (int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint64_t npages = mmu_level_npages(level);

		bytes += ((slot->base + slot->npages - 1) / npages - slot->base / npages + 1) * sizeof(uint32_t);
	}
	return bytes;
}

struct vis_cost vis_cost(const struct vis *vis)
{
	struct vis_cost cost = { .bytes = gmm_radix_bytes(&vis->attributes) };

	for (const struct vis_slot *slot = vis->slots; slot; slot = slot->next) {
		cost.slots++;
		cost.bytes += slot_bytes(&slot->slot);
	}
	return cost;
}
