// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_tree.c - slots in a search tree by base, balanced by chance: a treap whose priorities are hashes of the ids.
 *
 * The tree of a set is changed only while nobody reads the set.
 * Source: R. Seidel, C. R. Aragon: "Randomized search trees", Algorithmica 16 (1996).
 */
#include "gmm/slot.h"

static uint32_t priority(const struct gmm_slot *slot)
{
	return slot->id * 0x9e3779b9u;
}

static struct gmm_slot_node *node_of(const struct gmm_slot_set *set, struct gmm_slot *slot)
{
	return &slot->node[set->index];
}

/* Two trees of which every base in the first is below every base in the second. */
static struct gmm_slot *join(const struct gmm_slot_set *set, struct gmm_slot *low, struct gmm_slot *high)
{
	if (!low || !high)
		return low ? low : high;
	if (priority(low) >= priority(high)) {
		node_of(set, low)->right = join(set, node_of(set, low)->right, high);
		return low;
	}
	node_of(set, high)->left = join(set, low, node_of(set, high)->left);
	return high;
}

static void part(const struct gmm_slot_set *set, struct gmm_slot *tree, gfn_t base, struct gmm_slot **low,
		 struct gmm_slot **high)
{
	if (!tree) {
		*low = *high = NULL;
	} else if (tree->base < base) {
		*low = tree;
		part(set, node_of(set, tree)->right, base, &node_of(set, tree)->right, high);
	} else {
		*high = tree;
		part(set, node_of(set, tree)->left, base, low, &node_of(set, tree)->left);
	}
}

void gmm_tree_insert(struct gmm_slot_set *set, struct gmm_slot *slot)
{
	struct gmm_slot *low, *high;

	*node_of(set, slot) = (struct gmm_slot_node){ 0 };
	part(set, set->tree, slot->base, &low, &high);
	set->tree = join(set, join(set, low, slot), high);
}

void gmm_tree_remove(struct gmm_slot_set *set, struct gmm_slot *slot)
{
	struct gmm_slot **link = &set->tree;

	while (*link != slot) {
		CORE_ASSERT(*link);
		link = slot->base < (*link)->base ? &node_of(set, *link)->left : &node_of(set, *link)->right;
	}
	*link = join(set, node_of(set, slot)->left, node_of(set, slot)->right);
}

struct gmm_slot *gmm_tree_find(const struct gmm_slot_set *set, gfn_t gfn)
{
	struct gmm_slot *slot = set->tree;

	while (slot && !gmm_slot_covers(slot, gfn))
		slot = gfn < slot->base ? slot->node[set->index].left : slot->node[set->index].right;
	return slot;
}
