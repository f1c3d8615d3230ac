/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hva_cache.h - guest memory that the core itself reads and writes again and again: where it is, as long as that is so.
 *
 * It is memory as mode 0 sees it.  What is within one page is remembered, until any slot changes that the mode can see:
 * then it is looked up again, by the access.  What crosses pages may be in several slots, and is looked up by every
 * access, as is what attributes say who sees.
 * Locking:  a cache is its owner's; slots are found under SRCU, in here.
 * Source:   spec.md S1.4.
 */
#ifndef MMU_REFERENCE_GMM_HVA_CACHE_H
#define MMU_REFERENCE_GMM_HVA_CACHE_H

#include "gmm/gmm.h"

struct gmm_hva_cache {
	gpa_t gpa;
	uint64_t bytes;
	uint64_t generation; /* of the slots that were asked */
	hva_t hva; /* with @slot */
	struct gmm_slot *slot; /* valid in SRCU sections that see @generation; NULL: every access looks for itself */
	bool broken; /* there was no memory, or none that may be written */
};

/* -EINVAL: the range wraps; -EFAULT: for some page there is no slot that may be written; then accesses fail, too. */
int gmm_hva_cache_init(struct mmu_vm *vm, struct gmm_hva_cache *cache, gpa_t gpa, uint64_t bytes);
/* [offset, offset + bytes) of the range.  -EINVAL: beyond it; -EFAULT. */
int gmm_hva_cache_read(struct mmu_vm *vm, struct gmm_hva_cache *cache, uint64_t offset, void *to, uint64_t bytes);
int gmm_hva_cache_write(struct mmu_vm *vm, struct gmm_hva_cache *cache, uint64_t offset, const void *from,
			uint64_t bytes);

#endif
