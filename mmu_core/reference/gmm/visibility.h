/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * visibility.h - memory that is there in some modes of a CPU only: what was merged into KVM, and what was proposed.
 *
 * A mode is a number of k bits (k = 1: bit 0 is system-management mode; k = 2: a second kind of protected region).  A
 * design keeps the slots of a VM in one or more sets, and says which of them a mode looks into:
 *
 *     SPACES     a set for each mode: KVM, with two address spaces
 *     FLAG       one set; a slot names the bits without which it is not seen: the SMRAM flag
 *     TRISTATE   a set for each way to want each bit set, or clear, or not to care; sets that a mode looks into do not
 *                overlap: Avi Kivity's three states
 *     OVERLAY_A  one set; an attribute of each gfn names the bits without which nothing is there
 *     OVERLAY_B  the same, but without them a second set is looked into
 *
 * Everything else is the same for all: whoever takes memory away does so in the roots of each mode that looks into the
 * slot's set.  Entries differ by mode with each of the designs, so that a mode is part of the role.
 *
 * Source:    spec.md S0.1 to S0.7, S1.1, S1.2, S1.7.
 */
#ifndef MMU_REFERENCE_GMM_VISIBILITY_H
#define MMU_REFERENCE_GMM_VISIBILITY_H

#include "gmm/slot.h"

#define VIS_BITS_MAX 2
#define VIS_MODES_MAX (1u << VIS_BITS_MAX)
#define VIS_SETS_MAX 9 /* TRISTATE with 2 bits: 3^2 */

enum vis_backend {
	VIS_SPACES,
	VIS_FLAG,
	VIS_TRISTATE,
	VIS_OVERLAY_A,
	VIS_OVERLAY_B,
	VIS_BACKENDS,
};

struct vis_design {
	const char *name;
	bool by_slot; /* a slot's flags, from GMM_SLOT_WANTS on, are bits without which it is not seen */
	bool by_gfn; /* a gfn's attribute does so, from VIS_ATTRIBUTE_WANTS on */
	unsigned int (*sets)(unsigned int bits); /* how many */
	bool (*looks)(unsigned int mode, unsigned int set, unsigned int bits); /* into the set, at some gfns */
};

/* Attributes of a gfn: bits of modes, and up, beside MMU_ATTRIBUTE_PRIVATE. */
#define VIS_ATTRIBUTE_WANTS_SHIFT 8

/* Of a VM. */
struct vis {
	const struct vis_design *design;
	unsigned int bits;
	uint16_t seen[VIS_MODES_MAX]; /* by mode: a mask of sets */
};

const char *vis_name(enum vis_backend backend);
/* Before there are vCPUs and slots.  @bits 0: there is one mode, as without CONFIG_KVM_SMM. */
void vis_init(struct mmu_vm *vm, enum vis_backend backend, unsigned int bits);

unsigned int vis_mode(const struct mmu_vcpu *vcpu);
/* Do modes find slots of both sets at one gfn?  Then they may not overlap. */
bool vis_sets_conflict(const struct mmu_vm *vm, unsigned int a, unsigned int b);
/* The sets that a mode looks into at @gfn, as a mask; SRCU. */
unsigned int vis_sets_at(struct mmu_vm *vm, unsigned int mode, gfn_t gfn);
/* The flags of slots and the attributes of gfns that say who sees them. */
uint32_t vis_slot_flags(const struct mmu_vm *vm);
uint64_t vis_attributes(const struct mmu_vm *vm);
bool vis_slot_is_seen(const struct gmm_slot *slot, unsigned int mode);

/*
 * The mode as a part of the role: an architecture's own byte at the top of the word (KVM's `smm`), or the low byte of
 * the part that all architectures have (RFC of 2022: `as_id`).  Nothing else differs.
 */
enum vis_role {
	VIS_ROLE_SMM,
	VIS_ROLE_AS_ID,
	VIS_ROLES,
};
uint32_t vis_role(enum vis_role kind, uint32_t rest, unsigned int mode);
unsigned int vis_mode_of_role(enum vis_role kind, uint32_t role);

#endif
