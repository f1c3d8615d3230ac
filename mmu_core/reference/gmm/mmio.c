// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmio.c - remembering, in the tables, that there is no memory at a gfn.
 *
 * Such an entry makes hardware fault in a way of its own, and holds the gfn and the low bits of the generation of the
 * slots that were asked.  Any change of the slots makes all of them old at once, without a look at the tables.  Few
 * bits of the generation fit, so when they have all been used everything is zapped, lest an old entry look new.
 * Source: spec.md 3.12.
 */
#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

#define GFN_BITS 40
#define GENERATION_MASK (((uint64_t)1 << 19) - 1)

uint64_t gmm_mmio_note(gfn_t gfn, uint64_t generation)
{
	return (gfn & (((uint64_t)1 << GFN_BITS) - 1)) | (generation & GENERATION_MASK) << GFN_BITS;
}

gfn_t gmm_mmio_gfn(uint64_t note)
{
	return note & (((uint64_t)1 << GFN_BITS) - 1);
}

static uint64_t generation_of(uint64_t note)
{
	return note >> GFN_BITS;
}

/* Each set comes round at its own time.  @before: the set's generation so far. */
bool gmm_mmio_wraps(const struct mmu_vm *vm, uint64_t before, uint64_t generation)
{
	return vm->format.note && ((before ^ generation) & ~GENERATION_MASK);
}

static bool is_current(struct mmu_vcpu *vcpu, uint64_t note, gfn_t gfn)
{
	struct mmu_vm *vm = vcpu->vm;
	int index = host_srcu_read_lock(vm->srcu);
	uint64_t generation = gmm_generation(vm, vis_mode(vcpu));

	host_srcu_read_unlock(vm->srcu, index);
	return !(generation & GMM_GENERATION_IN_PROGRESS) && gmm_mmio_gfn(note) == gfn &&
	       (generation_of(note) == (generation & GENERATION_MASK) || planted(M_46));
}

int gmm_mmio_check(struct mmu_vcpu *vcpu, gpa_t gpa)
{
	gfn_t gfn = gpa >> MMU_PAGE_SHIFT;
	struct pt_entry entry;
	struct pt_iter iter;

	host_rcu_read_lock();
	entry = pt_lookup(&vcpu->root->tree, gfn, &iter);
	host_rcu_read_unlock();
	return entry.kind == PT_NOTE && is_current(vcpu, entry.note, gfn) ? GMM_EMULATE : GMM_INVALID;
}
