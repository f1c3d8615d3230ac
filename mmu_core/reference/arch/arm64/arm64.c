// SPDX-License-Identifier: GPL-2.0-only
/* arm64.c - see arm64.h. */
#include "arch/arm64/arm64.h"

#include "arch/one_tree.h"

bool arm64_vm_init(struct mmu_vm *vm, unsigned int ipa_bits)
{
	CORE_ASSERT(!vm->nr_vcpus);
	vm->arch = &one_tree_arch;
	vis_init(vm, VIS_SPACES, 0);
	vm->config.maxphyaddr = (uint8_t)ipa_bits;
	return pt_format_arm64_s2(&vm->format, MMU_PAGE_SHIFT, ipa_bits);
}
