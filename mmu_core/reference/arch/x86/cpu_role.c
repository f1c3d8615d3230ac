// SPDX-License-Identifier: GPL-2.0-only
/* cpu_role.c - roles from registers; see role.h. */
#include "arch/x86/role.h"

#include <stddef.h>

#include "check.h"
#include "plant.h"

static uint32_t mode_bits(const struct x86_registers *registers)
{
	return ROLE_ACCESS_ALL | (registers->guest_mode ? ROLE_GUEST_MODE : 0) |
	       (uint32_t)(registers->in_smm && !planted(M_41)) << ROLE_SMM_SHIFT;
}

static unsigned int guest_levels(const struct x86_registers *registers)
{
	if (registers->efer & X86_EFER_LMA)
		return registers->cr4 & X86_CR4_LA57 ? 5 : 4;
	return registers->cr4 & X86_CR4_PAE ? 3 : 2;
}

/* With write protection on, SMEP and SMAP change no table: what they forbid to the kernel is the user's anyway. */
static uint32_t paging_bits(const struct x86_registers *registers)
{
	bool wp = registers->cr0 & X86_CR0_WP;

	return guest_levels(registers) | (registers->efer & X86_EFER_NX ? ROLE_EFER_NX : 0) | (wp ? ROLE_CR0_WP : 0) |
	       (!wp && (registers->cr4 & X86_CR4_SMEP) ? ROLE_SMEP_ANDNOT_WP : 0) |
	       (!wp && (registers->cr4 & X86_CR4_SMAP) ? ROLE_SMAP_ANDNOT_WP : 0) |
	       (registers->cr4 & X86_CR4_PAE ? 0 : ROLE_4_BYTE_GPTE);
}

struct x86_cpu_role x86_cpu_role(const struct x86_registers *registers)
{
	bool lma = registers->efer & X86_EFER_LMA;
	struct x86_cpu_role role = { .base = mode_bits(registers), .ext = ROLE_EXT_VALID };

	CORE_ASSERT(!lma || (registers->cr4 & X86_CR4_PAE));
	if (!(registers->cr0 & X86_CR0_PG)) {
		role.base |= ROLE_DIRECT;
		return role;
	}
	role.base |= paging_bits(registers);
	role.ext |= (registers->cr4 & X86_CR4_SMEP ? ROLE_EXT_CR4_SMEP : 0) |
		    (registers->cr4 & X86_CR4_SMAP ? ROLE_EXT_CR4_SMAP : 0) |
		    (registers->cr4 & X86_CR4_PSE ? ROLE_EXT_CR4_PSE : 0) |
		    (lma && (registers->cr4 & X86_CR4_PKE) ? ROLE_EXT_CR4_PKE : 0) |
		    (lma && (registers->cr4 & X86_CR4_LA57) ? ROLE_EXT_CR4_LA57 : 0) | (lma ? ROLE_EXT_EFER_LMA : 0);
	return role;
}

uint32_t x86_root_role_tdp(const struct x86_registers *registers, unsigned int level, bool ad_disabled)
{
	return mode_bits(registers) | level | ROLE_DIRECT | ROLE_EFER_NX | ROLE_CR0_WP |
	       (ad_disabled ? ROLE_AD_DISABLED : 0);
}

static uint32_t with_level(uint32_t role, unsigned int level)
{
	return (role & ~(uint32_t)ROLE_LEVEL) | level;
}

/* Tables of hardware have three levels at least, and NX always. */
uint32_t x86_root_role_shadow(const struct x86_registers *registers)
{
	uint32_t role = x86_cpu_role(registers).base;
	unsigned int level = role & ROLE_LEVEL;

	return with_level(role, level < 3 ? 3 : level) | ROLE_EFER_NX;
}

/* The nested hypervisor's own registers; with five levels of hardware, one that it does not have is on top. */
uint32_t x86_root_role_nested_npt(const struct x86_registers *registers, unsigned int level)
{
	struct x86_registers host = *registers;
	uint32_t role;

	host.cr4 &= ~X86_CR4_PKE;
	host.guest_mode = true;
	role = x86_cpu_role(&host).base;
	return with_level(role, level) | (level == 5 && (role & ROLE_LEVEL) == 4 ? ROLE_PASSTHROUGH : 0);
}

/* Nothing of it follows from registers of the guest, and it is never loaded in system-management mode. */
uint32_t x86_root_role_nested_ept(unsigned int level, bool ad_disabled)
{
	return level | ROLE_GUEST_MODE | ROLE_ACCESS_ALL | (ad_disabled ? ROLE_AD_DISABLED : 0);
}

const char *x86_role_exclusion(uint32_t role)
{
	unsigned int level = role & ROLE_LEVEL;
	bool quadrant = role >> ROLE_QUADRANT_SHIFT & 3, small = role & ROLE_4_BYTE_GPTE;
	bool direct = role & ROLE_DIRECT, passthrough = role & ROLE_PASSTHROUGH;
	bool nested_ept = (role & ROLE_AD_DISABLED) && !direct;

	if (quadrant && !small)
		return "a quadrant of a table that has none";
	if (small && (level > 2 || direct))
		return "entries of 4 bytes above level 2, or of nobody's table";
	if (nested_ept && (!(role & ROLE_GUEST_MODE) || small))
		return "no A and D bits for shadow tables of other than nested EPT";
	if (nested_ept && ((role & (ROLE_EFER_NX | ROLE_CR0_WP)) || role >> ROLE_SMM_SHIFT))
		return "nested EPT with registers of the guest in its role";
	if ((role & (ROLE_SMEP_ANDNOT_WP | ROLE_SMAP_ANDNOT_WP)) && (role & ROLE_CR0_WP))
		return "SMEP or SMAP without write protection, with write protection";
	if (passthrough && (level != 5 || !(role & ROLE_GUEST_MODE) || small || direct))
		return "a level to pass through that is not the top of a nested guest's";
	if ((role & ROLE_MIRROR) && (!direct || (role & ROLE_GUEST_MODE) || role >> ROLE_SMM_SHIFT))
		return "a mirror of other tables than a guest's own physical memory's";
	return NULL;
}

bool x86_role_is_tracked(uint32_t role)
{
	return (role & ROLE_LEVEL) >= (planted(M_36) ? 1 : 2) &&
	       !(role & (ROLE_DIRECT | ROLE_PASSTHROUGH | ROLE_INVALID));
}

bool x86_mmu_init(struct x86_mmu *mmu, struct x86_cpu_role cpu_role, uint32_t root_role)
{
	bool same_cpu_role = mmu->cpu_role.base == cpu_role.base && mmu->cpu_role.ext == cpu_role.ext;

	if ((same_cpu_role || planted(M_43)) && mmu->root_role == root_role)
		return false;
	mmu->cpu_role = cpu_role;
	mmu->root_role = root_role;
	mmu->configured++;
	return true;
}
