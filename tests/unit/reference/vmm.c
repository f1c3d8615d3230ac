// SPDX-License-Identifier: GPL-2.0-only
/* vmm.c - see vmm.h. */
#include "vmm.h"

#include <errno.h>

#include "../check.h"
#include "arch_walk.h"
#include "no_tlb.h"

/* --------------------------------------------------------------------------------------------------------- two bits */

static uint32_t smm_role(const struct mmu_vcpu *vcpu)
{
	return vis_role(VIS_ROLE_SMM, vcpu->vm->format.levels, 0);
}

static uint32_t as_id_role(const struct mmu_vcpu *vcpu)
{
	return vis_role(VIS_ROLE_AS_ID, vcpu->vm->format.levels, 0);
}

static unsigned int mode_of_smm_role(uint32_t role)
{
	return vis_mode_of_role(VIS_ROLE_SMM, role);
}

static unsigned int mode_of_as_id_role(uint32_t role)
{
	return vis_mode_of_role(VIS_ROLE_AS_ID, role);
}

static const struct gmm_arch two_bits[VIS_ROLES] = {
	[VIS_ROLE_SMM] = { .role = smm_role, .mode_of_role = mode_of_smm_role },
	[VIS_ROLE_AS_ID] = { .role = as_id_role, .mode_of_role = mode_of_as_id_role },
};

void vmm_begin(struct vmm *vmm, struct host_mm *mm, enum vis_backend backend, unsigned int bits)
{
	const struct mmu_vm_config config = { .type = MMU_VM_DEFAULT, .mm = mm };

	vmm->mm = mm;
	vmm->next_id = 0;
	CHECK(!reference_vm_create(&config, &vmm->vm));
	if (bits == 2)
		vmm->vm->arch = &two_bits[vmm->role];
	vis_init(vmm->vm, backend, bits);
}

void vmm_end(struct vmm *vmm)
{
	reference_vm_destroy(vmm->vm);
}

/* ---------------------------------------------------------------------------------------------------------- regions */

static int set_slot(struct vmm *vmm, const struct vmm_region *region, unsigned int set, uint32_t flags)
{
	const struct mmu_slot_request request = {
		.as_id = (uint16_t)set,
		.id = vmm->next_id++,
		.flags = flags | region->flags,
		.gpa = PAGES(region->base),
		.bytes = PAGES(region->npages),
		.hva = region->hva,
		.gmem = MMU_GMEM_NONE,
	};

	return gmm_slot_set_request(vmm->vm, &request, false);
}

static void delete_slot(struct vmm *vmm, uint16_t as_id, uint16_t id)
{
	const struct mmu_slot_request request = { .as_id = as_id, .id = id, .gmem = MMU_GMEM_NONE };

	CHECK(!gmm_slot_set_request(vmm->vm, &request, false));
}

static unsigned int modes_of(const struct mmu_vm *vm, unsigned int set)
{
	unsigned int modes = 0;

	for (unsigned int mode = 0; mode < 1u << vm->vis.bits; mode++)
		modes |= (vm->vis.seen[mode] >> set & 1u) << mode;
	return modes;
}

/* One slot if there is a set that just these modes look into, else one for each mode. */
static int add_to_sets(struct vmm *vmm, const struct vmm_region *region)
{
	uint16_t first_id = vmm->next_id, made[VIS_MODES_MAX];
	unsigned int count = 0;
	int error = 0;

	for (unsigned int set = 0; set < vmm->vm->nr_as; set++) {
		if (modes_of(vmm->vm, set) == region->modes)
			return set_slot(vmm, region, set, 0);
	}
	for (unsigned int set = 0; set < vmm->vm->nr_as && !error; set++) {
		unsigned int modes = modes_of(vmm->vm, set);

		if ((modes & (modes - 1)) || !(modes & region->modes))
			continue;
		error = set_slot(vmm, region, set, 0);
		if (!error)
			made[count++] = (uint16_t)set;
	}
	for (unsigned int i = 0; i < count && error; i++)
		delete_slot(vmm, made[i], (uint16_t)(first_id + i));
	return error;
}

/* The bits without which a region is not seen, if that is all that @modes amount to; false: it is not. */
static bool wanted_bits(const struct mmu_vm *vm, unsigned int modes, unsigned int *wanted)
{
	for (*wanted = 0; *wanted < 1u << vm->vis.bits; ++*wanted) {
		unsigned int with = 0;

		for (unsigned int mode = 0; mode < 1u << vm->vis.bits; mode++)
			with |= (unsigned int)!(*wanted & ~mode) << mode;
		if (with == modes)
			return true;
	}
	return false;
}

static int add_flagged(struct vmm *vmm, const struct vmm_region *region)
{
	unsigned int wanted;

	if (!wanted_bits(vmm->vm, region->modes, &wanted))
		return -EOPNOTSUPP;
	return set_slot(vmm, region, 0, wanted << GMM_SLOT_WANTS_SHIFT);
}

/* Slots of the first set: @gfns of the region in slots with another attribute than @attribute. */
static bool disagrees(struct vmm *vmm, const struct vmm_region *region, uint64_t attribute)
{
	struct mmu_vm *vm = vmm->vm;

	for (gfn_t gfn = region->base; gfn < region->base + region->npages; gfn++) {
		bool taken = false;
		int index = host_srcu_read_lock(vm->srcu);

		for (unsigned int set = 0; set < vm->nr_as; set++)
			taken |= gmm_slot_find(vm, set, gfn) != NULL;
		host_srcu_read_unlock(vm->srcu, index);
		if (taken && gmm_attributes(vm, gfn) != attribute)
			return true;
	}
	return false;
}

/* All that a gfn wants is said by its one attribute; what modes see that lack some of it is in the second set. */
static int add_overlay(struct vmm *vmm, const struct vmm_region *region)
{
	unsigned int wanted, set = 0, all = (1u << (1u << vmm->vm->vis.bits)) - 1;
	uint64_t attribute, before;
	int error;

	if (!wanted_bits(vmm->vm, region->modes, &wanted)) {
		set = 1;
		if (vmm->vm->nr_as == 1 || !wanted_bits(vmm->vm, all & ~region->modes, &wanted))
			return -EOPNOTSUPP;
	}
	attribute = (uint64_t)wanted << VIS_ATTRIBUTE_WANTS_SHIFT;
	if (disagrees(vmm, region, attribute))
		return -EOPNOTSUPP;
	before = gmm_attributes(vmm->vm, region->base);
	error = gmm_attributes_set(vmm->vm, PAGES(region->base), PAGES(region->npages), attribute, 0);
	if (!error)
		error = set_slot(vmm, region, set, 0);
	if (error && before != attribute)
		CHECK(!gmm_attributes_set(vmm->vm, PAGES(region->base), PAGES(region->npages), before, 0));
	return error;
}

int vmm_add(struct vmm *vmm, const struct vmm_region *region)
{
	const struct vis_design *design = vmm->vm->vis.design;

	if (design->by_slot)
		return add_flagged(vmm, region);
	return design->by_gfn ? add_overlay(vmm, region) : add_to_sets(vmm, region);
}

static struct gmm_slot *find_exact(struct vmm *vmm, unsigned int set, gfn_t base, uint64_t npages)
{
	int index = host_srcu_read_lock(vmm->vm->srcu);
	struct gmm_slot *slot = gmm_slot_find(vmm->vm, set, base);

	host_srcu_read_unlock(vmm->vm->srcu, index);
	return slot && slot->base == base && slot->npages == npages ? slot : NULL;
}

void vmm_remove(struct vmm *vmm, gfn_t base, uint64_t npages)
{
	for (unsigned int set = 0; set < vmm->vm->nr_as; set++) {
		struct gmm_slot *slot = find_exact(vmm, set, base, npages);

		if (slot)
			delete_slot(vmm, slot->as_id, slot->id);
	}
	if (vmm->vm->vis.design->by_gfn)
		CHECK(!gmm_attributes_set(vmm->vm, PAGES(base), PAGES(npages), 0, 0));
}

/* Its slots are nobody else's to change. */
static void harvest(struct vmm *vmm, const struct gmm_slot *slot, void (*visitor)(void *context, hva_t hva),
		    void *context)
{
	uint64_t bitmap[64] = { 0 };

	CHECK(slot->npages <= 64 * 64);
	CHECK(!gmm_dirty_get(vmm->vm, slot->as_id, slot->id, bitmap));
	for (uint64_t page = 0; page < slot->npages; page++) {
		if (bitmap[page / 64] >> page % 64 & 1)
			visitor(context, slot->hva + PAGES(page));
	}
}

void vmm_harvest(struct vmm *vmm, void (*visitor)(void *context, hva_t hva), void *context)
{
	for (unsigned int set = 0; set < vmm->vm->nr_as; set++) {
		gmm_for_each_slot(slot, vmm->vm->slots[set].active)
		{
			if (slot->flags & MMU_SLOT_LOG_DIRTY)
				harvest(vmm, slot, visitor, context);
		}
	}
}

/* ------------------------------------------------------------------------------------------------------------ vCPUs */

static bool permits(const struct arch_leaf *leaf, uint32_t access)
{
	return access & MMU_WRITE ? leaf->write : access & MMU_EXEC ? leaf->exec : leaf->read;
}

static void enter(void *guest, const struct mmu_guest_context *context, struct mmu_guest_exit *exit)
{
	struct vmm_cpu *cpu = guest;
	const struct arch_tables tables = {
		.arch = ARCH_LONG, .root = context->root, .levels = context->root_level, .maxphyaddr = 46
	};
	struct arch_leaf leaf = { 0 };
	enum arch_result result;

	*exit = (struct mmu_guest_exit){ .reason = MMU_EXIT_DONE, .gpa = PAGES(cpu->gfn), .access = cpu->access };
	if (cpu->leave_mode && context->in_smm) {
		exit->reason = MMU_EXIT_RSM;
		return;
	}
	if (!cpu->access || context->emulated)
		return;
	result = arch_walk(&tables, PAGES(cpu->gfn), &leaf);
	if (result == ARCH_MAPPED && permits(&leaf, cpu->access)) {
		cpu->reached = leaf.address >> MMU_PAGE_SHIFT;
		if (cpu->in_guest)
			cpu->in_guest(cpu);
		return;
	}
	exit->reason = result == ARCH_RESERVED ? MMU_EXIT_MISCONFIG : MMU_EXIT_FAULT;
	if (result == ARCH_MAPPED)
		exit->allowed = MMU_READ | (leaf.write ? MMU_WRITE : 0) | (leaf.exec ? MMU_EXEC : 0);
}

void vmm_cpu_begin(struct vmm_cpu *cpu, struct vmm *vmm, uint64_t id)
{
	*cpu = (struct vmm_cpu){ .vmm = vmm };
	CHECK(!reference_vcpu_create(vmm->vm, id, &ops, cpu, &cpu->vcpu));
}

static void run(struct vmm_cpu *cpu)
{
	struct mmu_run run = { 0 };

	do
		CHECK(!x86_vcpu_run(cpu->vcpu, &run));
	while (run.reason == MMU_RUN_MMIO);
	CHECK(run.reason == MMU_RUN_DONE);
}

void vmm_mode(struct vmm_cpu *cpu, unsigned int mode)
{
	if (vis_mode(cpu->vcpu) == mode)
		return;
	cpu->access = 0;
	cpu->leave_mode = !mode;
	if (cpu->vmm->vm->vis.bits == 2) {
		gmm_role_set(cpu->vcpu, vis_role(cpu->vmm->role, cpu->vmm->vm->format.levels, mode));
	} else {
		if (mode)
			CHECK(!reference_vcpu_smi(cpu->vcpu));
		run(cpu);
	}
	CHECK(vis_mode(cpu->vcpu) == mode);
}

mmu_pfn_t vmm_access(struct vmm_cpu *cpu, gfn_t gfn, uint32_t access)
{
	cpu->gfn = gfn;
	cpu->access = access;
	cpu->leave_mode = false;
	cpu->reached = MMU_NO_PFN;
	run(cpu);
	return cpu->reached;
}
