// SPDX-License-Identifier: GPL-2.0-only
/*
 * role.c - the word that says what a table is for: equal word, shared tables.
 *
 * With two-dimensional paging it follows from the machine and from one bit of the vCPU's: whether it is in system
 * management mode, which has slots of its own.
 * Source: spec.md S3.1 (layout), S3.4 (computation), S0.1.
 */
#include "arch/x86/x86.h"
#include "plant.h"

#define ROLE_DIRECT (1u << 7)
#define ROLE_ACCESS_ALL (7u << 8)
#define ROLE_EFER_NX (1u << 12)
#define ROLE_CR0_WP (1u << 13)
#define ROLE_AD_DISABLED (1u << 16)
#define ROLE_SMM_SHIFT 24

uint32_t x86_role(const struct mmu_vcpu *vcpu)
{
	const struct pt_format *format = &vcpu->vm->format;

	return format->levels | ROLE_DIRECT | ROLE_ACCESS_ALL | ROLE_EFER_NX | ROLE_CR0_WP |
	       (format->hardware_accessed ? 0 : ROLE_AD_DISABLED) |
	       (uint32_t)(vcpu->in_smm && !planted(M_41)) << ROLE_SMM_SHIFT;
}

unsigned int x86_as_id_of_role(uint32_t role)
{
	return role >> ROLE_SMM_SHIFT ? 1 : 0;
}

const struct gmm_arch x86_arch = {
	.role = x86_role,
	.as_id_of_role = x86_as_id_of_role,
	.nx_huge_pages = x86_nx_enabled,
	.adjust_level = x86_nx_adjust_level,
	.before_link = x86_nx_before_link,
	.after_link = x86_nx_after_link,
	.unlinked = x86_nx_unlinked,
};
