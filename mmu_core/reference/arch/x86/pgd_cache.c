// SPDX-License-Identifier: GPL-2.0-only
/* pgd_cache.c - see pgd_cache.h. */
#include "arch/x86/pgd_cache.h"

#include <stddef.h>

#include "arch/x86/role.h"
#include "check.h"
#include "plant.h"

static bool is_usable(const struct pgd_cache *cache, const struct pgd_root *root, uint64_t pgd, uint32_t role)
{
	if (!root->root || (root->role != role && !planted(M_45)))
		return false;
	return ((role & ROLE_DIRECT) || root->pgd == pgd) && !cache->is_obsolete(root->root);
}

static void let_go(struct pgd_cache *cache, struct pgd_root *root)
{
	if (root->root)
		cache->release(root->root);
	*root = (struct pgd_root){ 0 };
}

static void swap(struct pgd_root *a, struct pgd_root *b)
{
	struct pgd_root old = *a;

	*a = *b;
	*b = old;
}

/* Each that is looked at trades places with the current one, so that in the end all have moved back by one place. */
static bool find_and_keep_current(struct pgd_cache *cache, uint64_t pgd, uint32_t role)
{
	if (is_usable(cache, &cache->current, pgd, role))
		return true;
	for (unsigned int i = 0; i < PGD_PREVIOUS; i++) {
		swap(&cache->current, &cache->previous[i]);
		if (is_usable(cache, &cache->current, pgd, role))
			return true;
	}
	let_go(cache, &cache->current);
	return false;
}

static bool find_without_current(struct pgd_cache *cache, uint64_t pgd, uint32_t role)
{
	unsigned int i = 0;

	while (i < PGD_PREVIOUS && !is_usable(cache, &cache->previous[i], pgd, role))
		i++;
	if (i == PGD_PREVIOUS)
		return false;
	swap(&cache->current, &cache->previous[i]);
	for (; i + 1 < PGD_PREVIOUS; i++)
		swap(&cache->previous[i], &cache->previous[i + 1]);
	return true;
}

bool pgd_cache_switch(struct pgd_cache *cache, uint64_t pgd, uint32_t role)
{
	return cache->current.root ? find_and_keep_current(cache, pgd, role) : find_without_current(cache, pgd, role);
}

void pgd_cache_set(struct pgd_cache *cache, void *root, uint64_t pgd, uint32_t role)
{
	CORE_ASSERT(!cache->current.root);
	cache->current = (struct pgd_root){ root, role & ROLE_DIRECT ? 0 : pgd, role };
}

void pgd_cache_free_obsolete(struct pgd_cache *cache)
{
	if (cache->current.root && cache->is_obsolete(cache->current.root))
		let_go(cache, &cache->current);
	for (unsigned int i = 0; i < PGD_PREVIOUS; i++) {
		if (cache->previous[i].root && cache->is_obsolete(cache->previous[i].root))
			let_go(cache, &cache->previous[i]);
	}
}

void pgd_cache_drop_all(struct pgd_cache *cache)
{
	let_go(cache, &cache->current);
	for (unsigned int i = 0; i < PGD_PREVIOUS; i++)
		let_go(cache, &cache->previous[i]);
}
