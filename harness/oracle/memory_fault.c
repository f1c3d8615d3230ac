// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory_fault.c - is this memory-fault exit, or this MMIO exit, what the access deserved?
 *
 *  1 a memory fault returns -EFAULT (or the error of an allocation that failed) and names the page of the access (I-P3)
 *  2 its private flag is the one of the access, or of the attribute where the core takes it from there (I-P3)
 *  3 an access to memory of an open guest_memfd, of the kind that it is, does not end in one (I-P3)
 *  4 a private access never comes back as MMIO, in a VM that has private memory (I-P4)
 * Not verified here: that a mismatched access does fault; what it would have reached is judged when it is used.
 * Locking: none; rules 2 and 3 are judged only if the slots and attributes stood still.
 * Source:  spec.md 3.4; Documentation/virt/kvm/api.rst KVM_EXIT_MEMORY_FAULT; arch/x86/kvm/mmu/mmu.c
 *          kvm_mmu_page_fault(), which takes the flag of a software-protected VM from the attribute.
 */
#include <errno.h>

#include "harness/finding/finding.h"
#include "harness/oracle/oracle.h"
#include "harness/oracle/slots.h"
#include "harness/world/world.h"

static unsigned int kinds_around(const struct cpu *cpu, gfn_t gfn)
{
	return attribute_kinds(cpu->faulted.attribute) | attribute_kinds(model_attribute(&cpu->world->model, gfn));
}

/* A settled slot gives @gfn memory of that kind from a file that is open. */
static bool has_file_memory(const struct cpu *cpu, gfn_t gfn, bool private)
{
	const struct model *model = &cpu->world->model;
	const struct model_slot *slot = model_slot_over(&model->as[cpu_as_id(cpu)], gfn);
	int gmem = slot ? MODEL_GET(slot->now.gmem) : MODEL_NO_GMEM;

	return gmem != MODEL_NO_GMEM && map_takes_file(model, &slot->now, private) &&
	       MODEL_GET(slot->state) == MODEL_LIVE && MODEL_GET(model->gmem[gmem].state) == MODEL_LIVE;
}

static bool stood_still(const struct cpu *cpu, gfn_t gfn)
{
	const struct model *model = &cpu->world->model;

	return MODEL_GET(model->clock) == cpu->faulted.clock && !MODEL_GET(model->in_flight) &&
	       model_attribute(model, gfn) == cpu->faulted.attribute;
}

void oracle_check_memory_fault(struct cpu *cpu, const struct mmu_run *run, int error)
{
	const struct guest_access *access = &cpu->access;
	gfn_t gfn = access->gpa >> MMU_PAGE_SHIFT;
	bool claimed = access->access & MMU_PRIVATE;
	bool told = run->access & MMU_PRIVATE;
	unsigned int kinds = kinds_around(cpu, gfn);

	bool deserved = !(error == -EFAULT && kinds == (told ? KIND_PRIVATE : KIND_SHARED) &&
			  has_file_memory(cpu, gfn, told) && stood_still(cpu, gfn));

	if (!cpu->pending)
		return;
	EXPECT(P3, error == -EFAULT || error == -ENOMEM || error == -EHWPOISON,
	       "vCPU %u, memory fault at gpa 0x%lx came back as %d", cpu->vcpu->index, (unsigned long)run->gpa, error);
	EXPECT(P3, run->gpa >> MMU_PAGE_SHIFT == gfn,
	       "vCPU %u, memory fault names gpa 0x%lx, the access was at gpa 0x%lx", cpu->vcpu->index,
	       (unsigned long)run->gpa, (unsigned long)access->gpa);
	/* The attribute may have been private in between only. */
	EXPECT(P3, told == claimed || (told && (kinds & KIND_PRIVATE)) || !stood_still(cpu, gfn),
	       "vCPU %u, memory fault at gpa 0x%lx says %s, the access was %s", cpu->vcpu->index,
	       (unsigned long)run->gpa, told ? "private" : "shared", claimed ? "private" : "shared");
	EXPECT(P3, deserved, "vCPU %u, memory fault at gpa 0x%lx, which is %s and has memory of that kind",
	       cpu->vcpu->index, (unsigned long)run->gpa, told ? "private" : "shared");
}

void oracle_check_mmio(struct cpu *cpu, const struct mmu_run *run)
{
	if (!cpu->pending || !cpu->world->model.attributes || !(cpu->access.access & MMU_PRIVATE))
		return;
	EXPECT(P4, run->gpa >> MMU_PAGE_SHIFT != cpu->access.gpa >> MMU_PAGE_SHIFT,
	       "vCPU %u, private access at gpa 0x%lx came back as MMIO", cpu->vcpu->index, (unsigned long)run->gpa);
}
