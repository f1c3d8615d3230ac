// SPDX-License-Identifier: GPL-2.0-only
/*
 * vis_overlay.c - designs in which the gfn says which bits a mode has to have to see its slot: one table of slots and a
 * sparse array of attributes, as private memory has one.
 *
 * Who lacks a bit sees nothing (A), or what a second table has there (B).
 */
#include <errno.h>

#include "gmm/visibility.h"

enum overlay_set {
	WITH, /* all bits that are wanted */
	WITHOUT, /* B: one of them is missing */
};

static unsigned int attribute(const struct vis *vis, gfn_t gfn)
{
	return (unsigned int)gmm_radix_load(&vis->attributes, gfn);
}

static struct gmm_slot *find(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	bool with = !(attribute(vis, gfn) & ~mode);

	vis->lookups++; /* the attribute's */
	return vis_find_in(vis, with ? WITH : WITHOUT, gfn);
}

/* The one attribute that a gfn has says who sees the first slot, and who the second one. */
static int set_attributes(struct vis *vis, const struct vis_region *region, unsigned int wanted)
{
	gfn_t end = region->base + region->npages;
	int error = 0;

	/* In slots that were added as a whole all gfns have one attribute. */
	for (const struct vis_slot *slot = vis->slots; slot; slot = slot->next) {
		gfn_t first = slot->slot.base > region->base ? slot->slot.base : region->base;

		if (vis_overlaps(slot, region) && attribute(vis, first) != wanted)
			return -EOPNOTSUPP;
	}
	if (wanted)
		error = gmm_radix_reserve(&vis->attributes, region->base, end);
	for (gfn_t gfn = region->base; gfn < end && wanted && !error; gfn++)
		gmm_radix_store(&vis->attributes, gfn, wanted);
	return error;
}

static unsigned int a_places(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX])
{
	unsigned int wanted;

	places[0] = (struct vis_place){ .set = WITH, .modes = modes };
	return vis_wanted_bits(vis, modes, &wanted) ? 1 : 0;
}

static int a_prepare(struct vis *vis, const struct vis_region *region)
{
	unsigned int wanted = 0;

	vis_wanted_bits(vis, region->modes, &wanted);
	return vis_is_taken(vis, region) ? -EOPNOTSUPP : set_attributes(vis, region, wanted);
}

const struct vis_design vis_overlay_a = { .name = "overlay A", .places = a_places, .find = find, .prepare = a_prepare };

/* What all modes see that lack one of some bits, is seen without them. */
static unsigned int b_places(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX])
{
	unsigned int wanted;

	if (a_places(vis, modes, places))
		return 1;
	places[0] = (struct vis_place){ .set = WITHOUT, .modes = modes };
	return vis_wanted_bits(vis, vis_all_modes(vis) & ~modes, &wanted) ? 1 : 0;
}

static int b_prepare(struct vis *vis, const struct vis_region *region)
{
	unsigned int wanted = 0;

	if (!vis_wanted_bits(vis, region->modes, &wanted))
		vis_wanted_bits(vis, vis_all_modes(vis) & ~region->modes, &wanted);
	return set_attributes(vis, region, wanted);
}

const struct vis_design vis_overlay_b = { .name = "overlay B", .places = b_places, .find = find, .prepare = b_prepare };
