// SPDX-License-Identifier: GPL-2.0-only
/*
 * vis_slots.c - designs in which it is the slot that says in which modes it is seen: by the table that it is in, by a
 * flag, by three states of each bit.
 */
#include <errno.h>

#include "gmm/visibility.h"

/* ---------------------------------------------------------------------------------------------------------- SPACES */

/* A copy in the table of each mode: most memory is in all of them. */
static unsigned int spaces_places(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX])
{
	unsigned int count = 0;

	for (unsigned int mode = 0; mode < 1u << vis->bits; mode++) {
		if (modes & vis->reachable & 1u << mode)
			places[count++] = (struct vis_place){ .set = mode, .modes = 1u << mode };
	}
	return count;
}

static struct gmm_slot *spaces_find(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	return vis_find_in(vis, mode, gfn);
}

const struct vis_design vis_spaces = { .name = "spaces", .places = spaces_places, .find = spaces_find };

/* ------------------------------------------------------------------------------------------------------------ FLAG */

/* One table without overlaps: whoever sees nothing of a slot sees nothing at all there. */
static int flag_prepare(struct vis *vis, const struct vis_region *region)
{
	return vis_is_taken(vis, region) ? -EOPNOTSUPP : 0;
}

static unsigned int flag_places(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX])
{
	unsigned int wanted;

	places[0] = (struct vis_place){ .set = 0, .modes = modes };
	return vis_wanted_bits(vis, modes, &wanted) ? 1 : 0;
}

static struct gmm_slot *flag_find(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	struct gmm_slot *slot = vis_find_in(vis, 0, gfn);
	const struct vis_slot *seen = (const struct vis_slot *)slot;

	return slot && (seen->modes >> mode & 1) ? slot : NULL;
}

const struct vis_design vis_flag = {
	.name = "flag", .places = flag_places, .find = flag_find, .prepare = flag_prepare
};

/* -------------------------------------------------------------------------------------------------------- TRISTATE */

/* States of bits are the digits of a number to the base 3: clear, set, either. */
#define EITHER 2u

static unsigned int nr_states(const struct vis *vis)
{
	return vis->bits == 1 ? 3 : 9;
}

static unsigned int digit(unsigned int state, unsigned int bit)
{
	return bit ? state / 3 : state % 3;
}

static unsigned int modes_of(const struct vis *vis, unsigned int state)
{
	unsigned int modes = 0;

	for (unsigned int mode = 0; mode < 1u << vis->bits; mode++) {
		bool seen = true;

		for (unsigned int bit = 0; bit < vis->bits; bit++)
			seen &= digit(state, bit) == EITHER || digit(state, bit) == (mode >> bit & 1);
		modes |= (unsigned int)seen << mode;
	}
	return modes;
}

/* One slot if a state says it, else one for each mode. */
static unsigned int tristate_places(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX])
{
	unsigned int count = 0;

	for (unsigned int state = 0; state < nr_states(vis); state++) {
		unsigned int seen = modes_of(vis, state);

		if (seen == modes) {
			places[0] = (struct vis_place){ .set = state, .modes = seen };
			return 1;
		}
		if (!(seen & (seen - 1)) && (seen & modes & vis->reachable))
			places[count++] = (struct vis_place){ .set = state, .modes = seen };
	}
	return count;
}

/* The slots of each state are a set of their own, without overlaps; a mode sees 2^k of them. */
static struct gmm_slot *tristate_find(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	struct gmm_slot *slot = NULL;

	/* What everybody sees is most of memory, and has the last number. */
	for (unsigned int state = nr_states(vis); state-- > 0 && !slot;) {
		if (modes_of(vis, state) >> mode & 1)
			slot = vis_find_in(vis, state, gfn);
	}
	return slot;
}

const struct vis_design vis_tristate = { .name = "tristate", .places = tristate_places, .find = tristate_find };
