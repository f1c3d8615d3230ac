// SPDX-License-Identifier: GPL-2.0-only
/*
 * vcpu.c - vCPUs but for KVM_RUN: creation, SMI, and the two ways to fault without running.
 */
#include "mmu.h"
#include "x86.h"

#include "adapter.h"

static int open_vcpu(struct mmu_vcpu *vcpu, uint64_t id)
{
	int err;

	vcpu->fd = shim_ioctl(vcpu->vm->fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		return vcpu->fd;
	vcpu->vcpu = shim_file(vcpu->fd)->private_data;
	vcpu->run = shim_map_page(vcpu->fd, 0);
	HOST_ASSERT(vcpu->run);
	/* An allocation may be made to fail, but KVM has the vCPU by now and would keep it until its VM goes. */
	do
		err = adapter_cpuid_set(vcpu->fd);
	while (err == -ENOMEM);
	if (!err && vcpu->vm->dirty_ring_bytes)
		err = adapter_ring_map(vcpu);
	if (err)
		shim_close(vcpu->fd);
	return err;
}

int adapter_vcpu_create(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			struct mmu_vcpu **vcpu)
{
	struct mmu_vcpu *new = host_alloc(sizeof(*new), 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	int err;

	adapter_enter(vm);
	new->vm = vm;
	err = open_vcpu(new, id);
	if (err) {
		host_free(new->ring_pages);
		host_free(new);
		return err;
	}
	vendor_bind(new->vcpu, ops, guest);
	adapter_lock(&vm->lock, &adapter_mutex_class);
	new->next = vm->vcpus;
	vm->vcpus = new;
	adapter_unlock(&vm->lock);
	*vcpu = new;
	return 0;
}

void adapter_vcpu_free(struct mmu_vcpu *vcpu)
{
	HOST_ASSERT(!vcpu->runner);
	shim_close(vcpu->fd);
	host_free(vcpu->ring_pages);
	host_free(vcpu);
}

int adapter_vcpu_smi(struct mmu_vcpu *vcpu)
{
	adapter_enter(vcpu->vm);
	return shim_ioctl(vcpu->fd, KVM_SMI, 0);
}

/*
 * What KVM emulates it fetches from the guest's memory here, as with VMX, which hands it no instruction; there is none,
 * and the guest has no handler for the exception that this is.  Nobody was in the guest, so nobody takes it.
 */
static void drop_exception(struct kvm_vcpu *kvm_vcpu)
{
	kvm_clear_exception_queue(kvm_vcpu);
	kvm_clear_request(KVM_REQ_TRIPLE_FAULT, kvm_vcpu);
}

/*
 * What stands round the handler is what kvm_vcpu_pre_fault_memory() and kvm_arch_vcpu_pre_fault_memory() put round
 * theirs.  A vCPU that is never entered takes no other requests than this one, and needs no other.
 */
int adapter_vcpu_fault(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed)
{
	struct kvm_vcpu *kvm_vcpu = vcpu->vcpu;
	int r;

	adapter_enter(vcpu->vm);
	mutex_lock(&kvm_vcpu->mutex);
	vcpu_load(kvm_vcpu);
	kvm_vcpu_srcu_read_lock(kvm_vcpu);
	if (kvm_check_request(KVM_REQ_MMU_FREE_OBSOLETE_ROOTS, kvm_vcpu))
		kvm_mmu_free_obsolete_roots(kvm_vcpu);
	r = kvm_mmu_reload(kvm_vcpu);
	if (!r)
		r = kvm_mmu_page_fault(kvm_vcpu, gpa, vendor_error_code(access, allowed), NULL, 0);
	drop_exception(kvm_vcpu);
	kvm_vcpu_srcu_read_unlock(kvm_vcpu);
	vcpu_put(kvm_vcpu);
	mutex_unlock(&kvm_vcpu->mutex);
	shim_files_settle(); /* no ioctl returns here, which would release a guest_memfd that was closed meanwhile */
	return r;
}

int adapter_vcpu_prefault(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes)
{
#if HAVE_PRE_FAULT_MEMORY
	struct kvm_pre_fault_memory range = { .gpa = gpa, .size = bytes };
	int err;

	adapter_enter(vcpu->vm);
	adapter_run_begin(vcpu);
	err = shim_ioctl(vcpu->fd, KVM_PRE_FAULT_MEMORY, (unsigned long)&range);
	adapter_run_end(vcpu, false);
	return err;
#else
	(void)vcpu, (void)gpa, (void)bytes;
	return -EOPNOTSUPP;
#endif
}
