// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm.c - VMs and vCPUs come and go.
 */
#include <errno.h>
#include <stdio.h>

#include "adapter/adapter.h"
#include "sync.h"

static struct mmu_core_config machine;

int reference_init(const struct mmu_core_config *config)
{
	if (!config->tdp) {
		fprintf(stderr, "reference: shadow paging is not there; it needs two-dimensional paging\n");
		return -EINVAL;
	}
	if (config->pml && (!config->accessed_dirty || config->paging != MMU_PAGING_EPT)) {
		fprintf(stderr, "reference: page-modification logging needs EPT with accessed and dirty bits\n");
		return -EINVAL;
	}
	machine = *config;
	reference_eager_split_set(config->eager_split);
	return reference_nx_set(config->nx_huge_pages ? MMU_NX_FORCE : MMU_NX_OFF);
}

static void choose_format(struct mmu_vm *vm)
{
	const struct pt_x86_config config = {
		.levels = machine.root_level,
		.leaf_level_max = machine.level_max,
		.maxphyaddr = machine.maxphyaddr,
		.accessed_dirty = machine.accessed_dirty,
	};

	if (machine.paging == MMU_PAGING_EPT)
		pt_format_x86_ept(&vm->format, &config);
	else
		pt_format_x86_long(&vm->format, &config);
}

static bool is_unfit(const struct mmu_vm_config *config)
{
	return config->type != MMU_VM_DEFAULT && config->type != MMU_VM_SW_PROTECTED;
}

int reference_vm_create(const struct mmu_vm_config *config, struct mmu_vm **out)
{
	struct mmu_vm *vm;
	int error;

	if (is_unfit(config))
		return -EINVAL;
	vm = host_alloc(sizeof(*vm), 0, HOST_ALLOC_ZERO);
	if (!vm)
		return -ENOMEM;
	vm->config = machine;
	vm->vm_config = *config;
	vm->arch = &x86_arch;
	vm->has_private = config->type == MMU_VM_SW_PROTECTED;
	vm->next_descriptor = 3;
	vm->roots.next = vm->roots.prev = &vm->roots;
	vm->nx_tables.next = vm->nx_tables.prev = &vm->nx_tables;
	choose_format(vm);
	vis_init(vm, VIS_SPACES, vm->has_private ? 0 : 1);
	vm->srcu = host_srcu_create();
	error = vm->srcu ? gmm_notifier_register(vm) : -ENOMEM;
	if (error) {
		if (vm->srcu)
			host_srcu_destroy(vm->srcu);
		host_free(vm);
		return error;
	}
	reference_vms_add(vm);
	*out = vm;
	return 0;
}

static void vcpu_free(struct mmu_vcpu *vcpu)
{
	gmm_root_drop(vcpu);
	pt_cache_drain(&vcpu->cache);
	host_free(vcpu->ring.entry);
	host_free(vcpu);
}

void reference_vm_destroy(struct mmu_vm *vm)
{
	reference_vms_remove(vm);
	gmm_notifier_unregister(vm);
	for (uint32_t i = 0; i < vm->nr_vcpus; i++)
		vcpu_free(vm->vcpu[i]);
	vm->nr_vcpus = 0;
	gmem_close_all(vm);
	gmm_roots_destroy(vm);
	gmm_slots_destroy(vm);
	gmm_radix_destroy(&vm->attributes);
	gmm_radix_destroy(&vm->cache_dirty);
	host_rcu_barrier();
	host_srcu_barrier(vm->srcu);
	host_srcu_destroy(vm->srcu);
	GMM_BUG_ON(vm, vm->tables || vm->nx_count);
	host_free(vm);
}

unsigned int reference_address_spaces(struct mmu_vm *vm)
{
	return vm->nr_as;
}

/* ------------------------------------------------------------------------------------------------------------ vCPUs */

static bool exists(const struct mmu_vm *vm, uint64_t id)
{
	for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
		if (vm->vcpu[i]->id == id)
			return true;
	}
	return false;
}

/* vm.lock held. */
static int add_vcpu(struct mmu_vm *vm, struct mmu_vcpu *vcpu)
{
	if (vm->nr_vcpus == GMM_VCPUS_MAX)
		return -EINVAL;
	if (exists(vm, vcpu->id))
		return -EEXIST;
	vm->vcpu[vm->nr_vcpus] = vcpu;
	__atomic_store_n(&vm->nr_vcpus, vm->nr_vcpus + 1, __ATOMIC_RELEASE);
	return 0;
}

int reference_vcpu_create(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			  struct mmu_vcpu **out)
{
	struct mmu_vcpu *vcpu;
	int error;

	if (reference_is_dead(vm))
		return -EIO;
	if (id >= GMM_VCPU_IDS)
		return -EINVAL;
	vcpu = host_alloc(sizeof(*vcpu), 0, HOST_ALLOC_ZERO);
	if (!vcpu)
		return -ENOMEM;
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->guest_ops = ops;
	vcpu->guest = guest;
	x86_smm_reset(vcpu);
	vcpu->role = vm->arch->role(vcpu);
	error = gmm_ring_create(vcpu);
	if (!error) {
		gmm_lock(&vm->lock, &gmm_vm_class);
		error = add_vcpu(vm, vcpu);
		gmm_unlock(&vm->lock);
	}
	if (error) {
		vcpu_free(vcpu);
		return error;
	}
	*out = vcpu;
	return 0;
}
