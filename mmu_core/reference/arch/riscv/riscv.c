// SPDX-License-Identifier: GPL-2.0-only
/* riscv.c - see riscv.h. */
#include "arch/riscv/riscv.h"

/* All vCPUs of a VM share one tree. */
static uint32_t role(const struct mmu_vcpu *vcpu)
{
	return vcpu->vm->format.levels;
}

static unsigned int as_id_of_role(uint32_t word)
{
	(void)word;
	return 0;
}

static const struct gmm_arch riscv_arch = { .role = role, .as_id_of_role = as_id_of_role };

bool riscv_vm_init(struct mmu_vm *vm, unsigned int levels)
{
	CORE_ASSERT(!vm->nr_vcpus);
	if (levels < 3 || levels > 5)
		return false;
	pt_format_riscv_gstage(&vm->format, levels);
	vm->arch = &riscv_arch;
	vm->nr_as = 1;
	vm->config.maxphyaddr = vm->format.input_bits;
	return true;
}
