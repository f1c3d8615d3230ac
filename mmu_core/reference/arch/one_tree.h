/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * one_tree.h - what an architecture adds whose vCPUs all share one tree, and which has one address space.
 *
 * No hook is about anything but roles: what x86 does about large executable pages is none of its business.
 * Source: spec.md S4.3.
 */
#ifndef MMU_REFERENCE_ARCH_ONE_TREE_H
#define MMU_REFERENCE_ARCH_ONE_TREE_H

#include "gmm/gmm.h"

extern const struct gmm_arch one_tree_arch;

#endif
