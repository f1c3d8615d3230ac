// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_array.c - slots in an array by falling base: a hint first, then a binary search.
 *
 * The hint is the place of a slot, is written by readers that race, and is believed only if the slot there covers the
 * gfn.  Changing the array is for sets that nobody reads; the hint starts over then.
 * Source: spec.md S1.3.
 */
#include <string.h>

#include "gmm/slot.h"
#include "sync.h"

/* How many slots begin above @gfn: the place of the first that begins at or below it. */
static uint32_t place_of(const struct gmm_slot_set *set, gfn_t gfn)
{
	uint32_t low = 0, high = set->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (set->array[middle]->base > gfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct gmm_slot *gmm_array_find(struct gmm_slot_set *set, gfn_t gfn)
{
	uint32_t place = __atomic_load_n(&set->hint, __ATOMIC_RELAXED);

	if (place < set->count && gmm_slot_covers(set->array[place], gfn))
		return set->array[place];
	place = place_of(set, gfn);
	if (place == set->count || !gmm_slot_covers(set->array[place], gfn))
		return NULL;
	__atomic_store_n(&set->hint, place, __ATOMIC_RELAXED);
	return set->array[place];
}

bool gmm_array_reserve(struct gmm_slot_set *set, uint32_t count)
{
	uint32_t room = set->room ? 2 * set->room : 16;
	struct gmm_slot **array;

	if (count <= set->room)
		return true;
	array = host_alloc(room * sizeof(*array), 0, 0);
	if (!array)
		return false;
	if (set->count)
		memcpy(array, set->array, set->count * sizeof(*array));
	host_free(set->array);
	set->array = array;
	set->room = room;
	return true;
}

void gmm_array_insert(struct gmm_slot_set *set, struct gmm_slot *slot)
{
	uint32_t place = place_of(set, slot->base);

	CORE_ASSERT(set->count < set->room);
	memmove(&set->array[place + 1], &set->array[place], (set->count - place) * sizeof(*set->array));
	set->array[place] = slot;
	set->count++;
	set->hint = 0;
}

void gmm_array_remove(struct gmm_slot_set *set, struct gmm_slot *slot)
{
	uint32_t place = place_of(set, slot->base);

	CORE_ASSERT(place < set->count && set->array[place] == slot);
	set->count--;
	memmove(&set->array[place], &set->array[place + 1], (set->count - place) * sizeof(*set->array));
	set->hint = 0;
}
