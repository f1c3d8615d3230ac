/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pgd_cache.h - roots that a vCPU has used lately, so that a guest that switches between a few address spaces does not
 * make them anew: the current one and three before it.
 *
 * Ownership: the cache holds roots; what it lets go of, release() gets.
 * Locking:   the vCPU's.
 * Source:    spec.md S3.7.
 */
#ifndef MMU_REFERENCE_ARCH_X86_PGD_CACHE_H
#define MMU_REFERENCE_ARCH_X86_PGD_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#define PGD_PREVIOUS 3

struct pgd_root {
	void *root; /* NULL: none */
	uint64_t pgd; /* of the guest; direct roots: 0 */
	uint32_t role;
};

struct pgd_cache {
	struct pgd_root current, previous[PGD_PREVIOUS]; /* the last one used first */
	bool (*is_obsolete)(const void *root);
	void (*release)(void *root);
};

/* The current root becomes one for @pgd and @role, if there is one; false: there is none, and no current root. */
bool pgd_cache_switch(struct pgd_cache *cache, uint64_t pgd, uint32_t role);
/* After a miss. */
void pgd_cache_set(struct pgd_cache *cache, void *root, uint64_t pgd, uint32_t role);
/* Before the guest is entered: nothing obsolete may be found later. */
void pgd_cache_free_obsolete(struct pgd_cache *cache);
void pgd_cache_drop_all(struct pgd_cache *cache);

#endif
