// SPDX-License-Identifier: GPL-2.0-only
/*
 * role.c - the role of a vCPU with two-dimensional paging, and what the architecture gives to the common part.
 *
 * It follows from the machine and from one bit of the vCPU's: whether it is in system-management mode, which has slots
 * of its own.
 * Source: spec.md S3.4, S0.1, S4.3.
 */
#include "arch/x86/role.h"

#include "arch/x86/x86.h"

uint32_t x86_role(const struct mmu_vcpu *vcpu)
{
	const struct pt_format *format = &vcpu->vm->format;
	const struct x86_registers registers = { .in_smm = vcpu->in_smm };

	return x86_root_role_tdp(&registers, format->levels, !format->hardware_accessed);
}

unsigned int x86_mode_of_role(uint32_t role)
{
	return role >> ROLE_SMM_SHIFT ? 1 : 0;
}

const struct gmm_arch x86_arch = {
	.role = x86_role,
	.mode_of_role = x86_mode_of_role,
	.mirror_role = ROLE_MIRROR,
	.nx_huge_pages = x86_nx_enabled,
	.adjust_level = x86_nx_adjust_level,
	.before_link = x86_nx_before_link,
	.after_link = x86_nx_after_link,
	.unlinked = x86_nx_unlinked,
};
