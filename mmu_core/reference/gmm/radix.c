// SPDX-License-Identifier: GPL-2.0-only
/*
 * radix.c - a sparse array as a tree of 512-way nodes; inner nodes hold pointers in their words.
 */
#include "gmm/radix.h"

#include <errno.h>

#include "sync.h"

#define NODE_WORDS (1u << GMM_RADIX_BITS)

static unsigned int slot_at(uint64_t index, unsigned int level)
{
	return index >> (GMM_RADIX_BITS * level) & (NODE_WORDS - 1);
}

static uint64_t covered_by(unsigned int level)
{
	return (uint64_t)1 << (GMM_RADIX_BITS * level);
}

/* The leaf node for @index, or NULL and the level below which nothing is. */
static uint64_t *leaf_node(const struct gmm_radix *radix, uint64_t index, unsigned int *missing)
{
	uint64_t *node = __atomic_load_n(&radix->root, __ATOMIC_ACQUIRE);
	unsigned int level = GMM_RADIX_LEVELS - 1;

	*missing = level + 1;
	for (; node && level; level--) {
		*missing = level;
		node = (uint64_t *)(uintptr_t)__atomic_load_n(&node[slot_at(index, level)], __ATOMIC_ACQUIRE);
	}
	return node;
}

uint64_t gmm_radix_load(const struct gmm_radix *radix, uint64_t index)
{
	unsigned int missing;
	uint64_t *node = leaf_node(radix, index, &missing);

	return node ? sync_load(&node[slot_at(index, 0)]) : 0;
}

static uint64_t *new_node(void)
{
	return host_alloc(NODE_WORDS * sizeof(uint64_t), 0, HOST_ALLOC_ZERO);
}

static int reserve_one(struct gmm_radix *radix, uint64_t index)
{
	uint64_t *node = radix->root;

	if (!node) {
		node = new_node();
		if (!node)
			return -ENOMEM;
		__atomic_store_n(&radix->root, node, __ATOMIC_RELEASE);
	}
	for (unsigned int level = GMM_RADIX_LEVELS - 1; level; level--) {
		uint64_t *word = &node[slot_at(index, level)];

		if (!*word) {
			uint64_t *child = new_node();

			if (!child)
				return -ENOMEM;
			__atomic_store_n(word, (uintptr_t)child, __ATOMIC_RELEASE);
		}
		node = (uint64_t *)(uintptr_t)*word;
	}
	return 0;
}

int gmm_radix_reserve(struct gmm_radix *radix, uint64_t first, uint64_t end)
{
	int error = 0;

	for (uint64_t index = first & ~(uint64_t)(NODE_WORDS - 1); index < end && !error; index += NODE_WORDS)
		error = reserve_one(radix, index);
	return error;
}

void gmm_radix_store(struct gmm_radix *radix, uint64_t index, uint64_t value)
{
	unsigned int missing;
	uint64_t *node = leaf_node(radix, index, &missing);

	CORE_ASSERT(node || !value);
	if (node)
		sync_store(&node[slot_at(index, 0)], value);
}

uint64_t gmm_radix_next(const struct gmm_radix *radix, uint64_t first, uint64_t end)
{
	uint64_t index = first;

	while (index < end) {
		unsigned int missing;
		uint64_t *node = leaf_node(radix, index, &missing);
		uint64_t step = node ? 1 : covered_by(missing);

		if (node && sync_load(&node[slot_at(index, 0)]))
			return index;
		if (missing >= GMM_RADIX_LEVELS && !node)
			break;
		index = (index & ~(step - 1)) + step;
	}
	return end;
}

static uint64_t bytes_below(const uint64_t *node, unsigned int level)
{
	uint64_t bytes = NODE_WORDS * sizeof(*node);

	for (unsigned int i = 0; level && i < NODE_WORDS; i++) {
		if (node[i])
			bytes += bytes_below((const uint64_t *)(uintptr_t)node[i], level - 1);
	}
	return bytes;
}

uint64_t gmm_radix_bytes(const struct gmm_radix *radix)
{
	return radix->root ? bytes_below(radix->root, GMM_RADIX_LEVELS - 1) : 0;
}

static void free_below(uint64_t *node, unsigned int level)
{
	for (unsigned int i = 0; level && i < NODE_WORDS; i++) {
		if (node[i])
			free_below((uint64_t *)(uintptr_t)node[i], level - 1);
	}
	host_free(node);
}

void gmm_radix_destroy(struct gmm_radix *radix)
{
	if (radix->root)
		free_below(radix->root, GMM_RADIX_LEVELS - 1);
	radix->root = NULL;
}
