// SPDX-License-Identifier: GPL-2.0-only
/* riscv.c - see riscv.h. */
#include "arch/riscv/riscv.h"

#include "arch/one_tree.h"

bool riscv_vm_init(struct mmu_vm *vm, unsigned int levels)
{
	CORE_ASSERT(!vm->nr_vcpus);
	if (levels < 3 || levels > 5)
		return false;
	pt_format_riscv_gstage(&vm->format, levels);
	vm->arch = &one_tree_arch;
	vis_init(vm, VIS_SPACES, 0);
	vm->config.maxphyaddr = vm->format.input_bits;
	return true;
}
