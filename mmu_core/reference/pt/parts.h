/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parts.h - what the files of pt/ ask of each other.
 */
#ifndef MMU_REFERENCE_PT_PARTS_H
#define MMU_REFERENCE_PT_PARTS_H

#include "pt/tree.h"

/* Gives an unlinked table back after a grace period. */
void pt_table_free(struct pt_table *table);

/* Puts the table below the entry, in whose raw value nothing hangs.  False: lost the race; the table is as before. */
bool pt_link(struct pt_iter *iter, struct pt_table *table, enum pt_mode mode);

/* Tells the owner of the leafs that pt_split_fill() made of @huge, once they are linked. */
void pt_split_tell(struct pt_tree *tree, uint64_t huge, unsigned int level, uint64_t ipn);

#endif
