/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * radix.h - a sparse array of words, 0 where nothing was put.
 *
 * Reads need no lock; writers keep each other out.  Nodes stay until the end, so a reader is never in one that is gone.
 */
#ifndef MMU_REFERENCE_GMM_RADIX_H
#define MMU_REFERENCE_GMM_RADIX_H

#include "mmu_core/host.h"

#include "check.h"

#define GMM_RADIX_BITS 9
#define GMM_RADIX_LEVELS 6 /* 54 bits of index */

struct gmm_radix {
	uint64_t *root;
};

uint64_t gmm_radix_load(const struct gmm_radix *radix, uint64_t index);
/* There is room for every index of [first, end).  -ENOMEM: for some there is. */
int gmm_radix_reserve(struct gmm_radix *radix, uint64_t first, uint64_t end);
void gmm_radix_store(struct gmm_radix *radix, uint64_t index, uint64_t value); /* reserved, or @value is 0 */
/* The first index of [first, end) with a word that is not 0; @end: none. */
uint64_t gmm_radix_next(const struct gmm_radix *radix, uint64_t first, uint64_t end);
uint64_t gmm_radix_bytes(const struct gmm_radix *radix); /* of all nodes */
void gmm_radix_destroy(struct gmm_radix *radix);

#endif
