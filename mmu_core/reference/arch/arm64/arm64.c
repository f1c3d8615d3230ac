// SPDX-License-Identifier: GPL-2.0-only
/* arm64.c - see arm64.h. */
#include "arch/arm64/arm64.h"

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

static const struct gmm_arch arm64_arch = { .role = role, .as_id_of_role = as_id_of_role };

bool arm64_vm_init(struct mmu_vm *vm, unsigned int ipa_bits)
{
	CORE_ASSERT(!vm->nr_vcpus);
	vm->arch = &arm64_arch;
	vm->nr_as = 1;
	vm->config.maxphyaddr = (uint8_t)ipa_bits;
	return pt_format_arm64_s2(&vm->format, MMU_PAGE_SHIFT, ipa_bits);
}
