/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * digest.h - a VM's state in a few words, to see whether an operation that was refused has changed anything (I-L7).
 *
 * Locking: for a world in which nothing else is at work.
 */
#ifndef HARNESS_ORACLE_DIGEST_H
#define HARNESS_ORACLE_DIGEST_H

#include "mmu_core/core.h"

enum digest_part {
	DIGEST_SLOTS, /* both sets */
	DIGEST_COUNTERS,
	DIGEST_ENTRIES, /* where each one is, and its word */
	DIGEST_DIRTY, /* the bitmaps, their first pages */
	DIGEST_ATTRIBUTES, /* of a range of gfns */
	DIGEST_PARTS,
};

struct digest {
	uint64_t part[DIGEST_PARTS];
};

const char *digest_part_name(enum digest_part part);

/* Attributes of at most DIGEST_GFNS_MAX gfns from @base on. */
#define DIGEST_GFNS_MAX 1024
void digest_take(const struct mmu_core_ops *core, struct mmu_vm *vm, gfn_t base, uint64_t npages,
		 struct digest *digest);

#endif
