/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * track.h - how many tables say that writes to a gfn must be noticed: 16 bits for each gfn of a slot.
 *
 * More than 65535 cannot be counted.  One that does not fit is refused, and the gfn stays protected for good: a count
 * that went on would come back to 0 while there are such tables.
 * Locking: mmu_lock held for writing.
 * Source:  spec.md S3.5.
 */
#ifndef MMU_REFERENCE_GMM_TRACK_H
#define MMU_REFERENCE_GMM_TRACK_H

#include "check.h"

#define GMM_TRACK_MAX UINT16_MAX

struct gmm_track {
	uint16_t *count; /* of the slot's pages */
	uint64_t npages;
};

int gmm_track_create(struct gmm_track *track, uint64_t npages); /* -ENOMEM */
void gmm_track_destroy(struct gmm_track *track);
bool gmm_track_add(struct gmm_track *track, uint64_t page); /* false: it does not fit */
bool gmm_track_remove(struct gmm_track *track, uint64_t page); /* false: the count is not known any more, or was 0 */
bool gmm_is_tracked(const struct gmm_track *track, uint64_t page);

#endif
