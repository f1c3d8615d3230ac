// SPDX-License-Identifier: GPL-2.0-only
/* one_tree.c - see one_tree.h. */
#include "arch/one_tree.h"

static uint32_t role(const struct mmu_vcpu *vcpu)
{
	return vcpu->vm->format.levels;
}

static unsigned int mode_of_role(uint32_t word)
{
	(void)word;
	return 0;
}

const struct gmm_arch one_tree_arch = { .role = role, .mode_of_role = mode_of_role };
