// SPDX-License-Identifier: GPL-2.0-only
/* visibility.c - which sets of slots a mode looks into, design by design; see visibility.h. */
#include "gmm/visibility.h"

#include "gmm/gmm.h"

/* --------------------------------------------------------------------------------------------------------- designs */

static unsigned int one_set(unsigned int bits)
{
	(void)bits;
	return 1;
}

static bool all_look(unsigned int mode, unsigned int set, unsigned int bits)
{
	(void)mode, (void)set, (void)bits;
	return true;
}

static unsigned int spaces_sets(unsigned int bits)
{
	return 1u << bits;
}

static bool spaces_looks(unsigned int mode, unsigned int set, unsigned int bits)
{
	(void)bits;
	return set == mode;
}

static unsigned int tristate_sets(unsigned int bits)
{
	return bits == 2 ? 9 : bits == 1 ? 3 : 1;
}

/* The digits of the set to the base 3 are what it wants of each bit: clear, set, whatever it is. */
static bool tristate_looks(unsigned int mode, unsigned int set, unsigned int bits)
{
	for (unsigned int bit = 0; bit < bits; bit++, set /= 3) {
		if (set % 3 != 2 && set % 3 != (mode >> bit & 1))
			return false;
	}
	return true;
}

enum overlay_set {
	WITH, /* all bits that are wanted */
	WITHOUT, /* B: one of them is missing */
};

static unsigned int overlay_b_sets(unsigned int bits)
{
	(void)bits;
	return 2;
}

static bool overlay_b_looks(unsigned int mode, unsigned int set, unsigned int bits)
{
	return set == WITH || mode != (1u << bits) - 1;
}

static const struct vis_design designs[VIS_BACKENDS] = {
	[VIS_SPACES] = { .name = "spaces", .sets = spaces_sets, .looks = spaces_looks },
	[VIS_FLAG] = { .name = "flag", .by_slot = true, .sets = one_set, .looks = all_look },
	[VIS_TRISTATE] = { .name = "tristate", .sets = tristate_sets, .looks = tristate_looks },
	[VIS_OVERLAY_A] = { .name = "overlay A", .by_gfn = true, .sets = one_set, .looks = all_look },
	[VIS_OVERLAY_B] = { .name = "overlay B", .by_gfn = true, .sets = overlay_b_sets, .looks = overlay_b_looks },
};

const char *vis_name(enum vis_backend backend)
{
	return designs[backend].name;
}

void vis_init(struct mmu_vm *vm, enum vis_backend backend, unsigned int bits)
{
	const struct vis_design *design = &designs[backend];

	CORE_ASSERT(bits <= VIS_BITS_MAX && !vm->nr_vcpus && !vm->slot_npages);
	vm->vis = (struct vis){ .design = design, .bits = bits };
	vm->nr_as = design->sets(bits);
	for (unsigned int mode = 0; mode < 1u << bits; mode++) {
		for (unsigned int set = 0; set < vm->nr_as; set++)
			vm->vis.seen[mode] |= (unsigned int)design->looks(mode, set, bits) << set;
	}
	/* What a CPU has written down is looked up when it comes out: something else may be seen there by then. */
	if (design->by_slot || design->by_gfn)
		vm->config.pml = false;
	gmm_slots_init(vm);
}

/* --------------------------------------------------------------------------------------------------------- lookups */

unsigned int vis_mode(const struct mmu_vcpu *vcpu)
{
	return vcpu->vm->arch->mode_of_role(vcpu->role);
}

bool vis_sets_conflict(const struct mmu_vm *vm, unsigned int a, unsigned int b)
{
	bool both = false;

	for (unsigned int mode = 0; mode < 1u << vm->vis.bits; mode++)
		both |= (vm->vis.seen[mode] >> a & 1) && (vm->vis.seen[mode] >> b & 1);
	return a == b || (both && !vm->vis.design->by_gfn);
}

/* Who has all bits that the gfn wants looks into the first set; of the others, those that look into a second one. */
static unsigned int overlay_sets(struct mmu_vm *vm, unsigned int mode, gfn_t gfn)
{
	bool with = !(gmm_attributes(vm, gfn) >> VIS_ATTRIBUTE_WANTS_SHIFT & ~(uint64_t)mode);

	return vm->vis.seen[mode] & (with ? 1u << WITH : 1u << WITHOUT);
}

unsigned int vis_sets_at(struct mmu_vm *vm, unsigned int mode, gfn_t gfn)
{
	return vm->vis.design->by_gfn ? overlay_sets(vm, mode, gfn) : vm->vis.seen[mode];
}

bool vis_slot_is_seen(const struct gmm_slot *slot, unsigned int mode)
{
	return !(slot->flags >> GMM_SLOT_WANTS_SHIFT & ~mode);
}

uint32_t vis_slot_flags(const struct mmu_vm *vm)
{
	return vm->vis.design->by_slot ? ((1u << vm->vis.bits) - 1) << GMM_SLOT_WANTS_SHIFT : 0;
}

uint64_t vis_attributes(const struct mmu_vm *vm)
{
	return vm->vis.design->by_gfn ? (((uint64_t)1 << vm->vis.bits) - 1) << VIS_ATTRIBUTE_WANTS_SHIFT : 0;
}

/* ----------------------------------------------------------------------------------------------------------- roles */

/* @rest: all other bits, 24 of them, in their order. */
uint32_t vis_role(enum vis_role kind, uint32_t rest, unsigned int mode)
{
	CORE_ASSERT(rest < 1u << 24 && mode < VIS_MODES_MAX);
	return kind == VIS_ROLE_SMM ? mode << 24 | rest : rest << 8 | mode;
}

unsigned int vis_mode_of_role(enum vis_role kind, uint32_t role)
{
	return role >> (kind == VIS_ROLE_SMM ? 24 : 0) & 0xff;
}
