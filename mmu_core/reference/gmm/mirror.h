/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mirror.h - private memory that hardware translates by tables which somebody else keeps: an external table.
 *
 * He lets the core read nothing of it, so the core has a tree of its own that says the same, the mirror; no hardware
 * uses that.  Each change of the mirror is made to the external table first, while the entry is frozen, so that
 * whatever is not frozen is the same in both.  He may refuse to put something in, and the fault tries again; never to
 * take something away.
 *
 *   - Leafs are of 4 KiB; what is there goes before something else comes.
 *   - Something is taken away with mmu_lock held for writing only; leafs before their table, that before its parent.
 *   - A vCPU has both roots, and a fault is for the one of its kind of memory; so are events: what happens to memory of
 *     the process is none of the mirror's business, nor what happens to a guest_memfd of the other's.
 *   - A mirror stays until the VM ends: roots that go fast are the others, and a slot that goes is zapped leaf by leaf.
 *
 * Units:    gfn in 4 KiB pages; level of a table: of the entries in it.
 * Locking:  the callbacks: mmu_lock, several at once if it is held for reading; none may sleep.
 * Source:   spec.md S2.10, I-P10, I-R3.
 */
#ifndef MMU_REFERENCE_GMM_MIRROR_H
#define MMU_REFERENCE_GMM_MIRROR_H

#include "gmm/gmm.h"

/* 0 or -errno. */
struct gmm_external {
	int (*link)(void *context, gfn_t gfn, unsigned int level); /* a table; its parent is there */
	int (*set)(void *context, gfn_t gfn, mmu_pfn_t pfn);
	int (*remove)(void *context, gfn_t gfn, mmu_pfn_t pfn); /* flushes as well */
	int (*free)(void *context, gfn_t gfn, unsigned int level); /* a table without anything in it */
	void *context;
};

/* Of a VM that has private memory, before a vCPU has loaded a root.  @external lives as long as the VM. */
void gmm_mirror_init(struct mmu_vm *vm, const struct gmm_external *external);

/* May the tree have memory that is one of @filter (enum gmm_filter)? */
bool gmm_root_has(const struct gmm_root *root, unsigned int filter);

/* Of a mirror's tree (pt/tree.h). */
bool gmm_mirror_agree(struct pt_tree *tree, const struct pt_change *change);

#endif
