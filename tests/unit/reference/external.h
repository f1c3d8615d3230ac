/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * external.h - the tables of private memory that somebody else than the core keeps, as he keeps them: a table needs its
 * parent, a leaf its table; nothing is put where something is; a table goes when it is empty.
 *
 * What comes in another order is a mistake of the core's: the test ends.  What may be refused is refused when the test
 * says so.
 * Units:   gmm/mirror.h.
 * Locking: its own lock, inside of mmu_lock.
 */
#ifndef TESTS_UNIT_REFERENCE_EXTERNAL_H
#define TESTS_UNIT_REFERENCE_EXTERNAL_H

#include "gmm/mirror.h"

#define EXTERNAL_ROOT_LEVEL 4
#define EXTERNAL_TABLES 32
#define EXTERNAL_LEAFS 256

struct external {
	struct gmm_external ops;
	struct host_lock lock;
	struct external_table {
		gfn_t gfn;
		unsigned int level; /* 0: no table */
		unsigned int children;
	} tables[EXTERNAL_TABLES]; /* the first is the root, which is always there */
	struct external_leaf {
		bool there;
		gfn_t gfn;
		mmu_pfn_t pfn;
	} leafs[EXTERNAL_LEAFS];
	uint64_t puts, takes; /* that have come, refused or not */
	uint64_t changes; /* of anything */
	uint64_t refuse_put; /* the put of this number, counted from 1 */
	uint32_t refuse_one_in; /* 0: none */
	uint64_t refused;
	void (*during_set)(gfn_t gfn); /* NULL: nothing */
};

void external_init(struct external *external);
/* MMU_NO_PFN: nothing.  @changes: how many there have been by then. */
mmu_pfn_t external_at(struct external *external, gfn_t gfn, uint64_t *changes);
bool external_has_table(struct external *external, gfn_t gfn, unsigned int level);
unsigned int external_leafs(struct external *external);
unsigned int external_tables(struct external *external); /* but for the root */

#endif
