// SPDX-License-Identifier: GPL-2.0-only
/*
 * entry.c - may the guest be entered on this root?
 *
 *  1 the root is a table page, not one that was freed (I-T6)
 *  2 the CPU was flushed for the root since the root came to be (I-T6); under NPT, where translations are tagged by
 *    ASID only, since another root was in use
 * Not verified here: that the root's address space is that of the vCPU's mode; the leafs that it leads to tell (I-R12,
 * access.c).
 * Locking: the vCPU's own thread.
 * Source:  spec.md 3.13; arch/x86/kvm/mmu/mmu.c kvm_mmu_load(), "Flush any TLB entries for the new root".
 */
#include "harness/finding/finding.h"
#include "harness/oracle/oracle.h"
#include "harness/world/world.h"

static uint32_t epoch_of(mmu_hpa_t root)
{
	const struct host_page *page = host_page(root >> MMU_PAGE_SHIFT);

	return page ? __atomic_load_n(&page->epoch, __ATOMIC_RELAXED) : 0;
}

static struct cpu_root *find_root(struct cpu *cpu, mmu_hpa_t root)
{
	for (unsigned int i = 0; i < CPU_ROOTS_KNOWN; i++) {
		if (cpu->known[i].root == root)
			return &cpu->known[i];
	}
	return NULL;
}

static void remember(struct cpu *cpu, mmu_hpa_t root)
{
	struct cpu_root *known = find_root(cpu, root);

	if (!known)
		known = &cpu->known[cpu->known_next++ % CPU_ROOTS_KNOWN];
	*known = (struct cpu_root){ .root = root, .epoch = epoch_of(root) };
}

void oracle_note_flush(struct cpu *cpu, enum mmu_flush kind, mmu_hpa_t root)
{
	if (kind == MMU_FLUSH_ALL || cpu->config.paging == MMU_PAGING_NPT)
		cpu->flushed = true;
	if (root != MMU_NO_HPA)
		remember(cpu, root);
}

void oracle_check_entry(struct cpu *cpu, const struct mmu_guest_context *context)
{
	const struct host_page *page = host_page(context->root >> MMU_PAGE_SHIFT);
	const struct cpu_root *known = find_root(cpu, context->root);
	bool flushed_for_it = known && known->epoch == epoch_of(context->root);
	bool changed = cpu->context.root != context->root;

	if (!page || __atomic_load_n(&page->kind, __ATOMIC_RELAXED) != HOST_PAGE_CORE)
		finding_violation(INV_T6, "vCPU %u enters the guest on root 0x%lx, which is no table page",
				  cpu->vcpu->index, (unsigned long)context->root);
	if (cpu->config.paging == MMU_PAGING_NPT && changed)
		flushed_for_it = false;
	if (!flushed_for_it && !cpu->flushed)
		finding_violation(INV_T6, "vCPU %u enters the guest on root 0x%lx without a flush since %s",
				  cpu->vcpu->index, (unsigned long)context->root,
				  changed ? "it came to be" : "its page was used anew");
	if (!flushed_for_it)
		remember(cpu, context->root);
}
