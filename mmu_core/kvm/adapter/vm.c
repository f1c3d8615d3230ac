// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm.c - making and unmaking a VM through its file descriptors.
 *
 * A VM dies with the last reference to its files; every file that the adapter handed out is closed here, so destroying
 * a VM leaves nothing behind unless KVM does.
 */
#include "adapter.h"

static int enable_cap(int vm_fd, u32 cap, u64 argument)
{
	struct kvm_enable_cap request = { .cap = cap, .args = { argument } };

	return shim_ioctl(vm_fd, KVM_ENABLE_CAP, (unsigned long)&request);
}

/* The type's number for KVM_CREATE_VM. */
static int kvm_type(enum mmu_vm_type type)
{
	switch (type) {
	case MMU_VM_DEFAULT:
		return 0;
	case MMU_VM_SW_PROTECTED:
#if HAVE_SW_PROTECTED_VM
		return KVM_X86_SW_PROTECTED_VM;
#else
		return -EOPNOTSUPP;
#endif
	}
	return -EINVAL;
}

/* Trees without the quirk bit always zap everything when a slot goes away. */
static int disable_slot_zap_all(int vm_fd)
{
#if HAVE_QUIRK_SLOT_ZAP_ALL
	return enable_cap(vm_fd, KVM_CAP_DISABLE_QUIRKS2, KVM_X86_QUIRK_SLOT_ZAP_ALL);
#else
	(void)vm_fd;
	return -EOPNOTSUPP;
#endif
}

int adapter_cap_enable(struct mmu_vm *vm, enum mmu_cap cap, uint64_t argument)
{
	static const u32 numbers[MMU_CAPS] = {
		[MMU_CAP_MANUAL_DIRTY_LOG_PROTECT] = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		[MMU_CAP_DIRTY_LOG_RING] = KVM_CAP_DIRTY_LOG_RING,
#if HAVE_CAP_RING_WITH_BITMAP
		[MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP] = KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP,
#endif
		[MMU_CAP_DISABLE_NX_HUGE_PAGES] = KVM_CAP_VM_DISABLE_NX_HUGE_PAGES,
		[MMU_CAP_DISABLE_QUIRKS] = KVM_CAP_DISABLE_QUIRKS2,
	};

	HOST_ASSERT((unsigned int)cap < MMU_CAPS);
	adapter_enter(vm);
	return numbers[cap] ? enable_cap(vm->fd, numbers[cap], argument) : -EOPNOTSUPP;
}

static int configure(int vm_fd, const struct mmu_vm_config *config)
{
	u64 manual = 0;
	int err = 0;

	if (config->type == MMU_VM_DEFAULT && !config->quirk_slot_zap_all)
		err = disable_slot_zap_all(vm_fd);
	if (!err && config->dirty_ring_bytes)
		err = enable_cap(vm_fd, KVM_CAP_DIRTY_LOG_RING, config->dirty_ring_bytes);
	if (config->manual_dirty_protect)
		manual |= KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	if (config->dirty_initially_set)
		manual |= KVM_DIRTY_LOG_INITIALLY_SET;
	if (!err && manual)
		err = enable_cap(vm_fd, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, manual);
	return err;
}

static int open_vm(struct mmu_vm *vm, const struct mmu_vm_config *config)
{
	int type = kvm_type(config->type);
	int err;

	if (type < 0)
		return type;
	vm->fd = shim_ioctl(adapter_kvm_fd(), KVM_CREATE_VM, type);
	if (vm->fd < 0)
		return vm->fd;
	err = configure(vm->fd, config);
	if (err) {
		shim_close(vm->fd);
		return err;
	}
	vm->kvm = shim_file(vm->fd)->private_data;
	vm->nr_as = shim_ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_MULTI_ADDRESS_SPACE);
	HOST_ASSERT(vm->nr_as && vm->nr_as <= MMU_ADDRESS_SPACES_MAX);
	return 0;
}

int adapter_vm_create(const struct mmu_vm_config *config, struct mmu_vm **vm)
{
	struct mmu_vm *new = host_alloc(sizeof(*new), 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	int err;

	new->host_mm = config->mm;
	new->dirty_ring_bytes = config->dirty_ring_bytes;
	new->mm = shim_mm_get(config->mm);
	if (!new->mm) {
		host_free(new);
		return -ENOMEM;
	}
	adapter_enter(new);
	err = open_vm(new, config);
	if (err) {
		shim_task_set_mm(NULL);
		shim_mm_put(new->host_mm);
		host_free(new);
		return err;
	}
	*vm = new;
	return 0;
}

/* With all other files closed only the VM's own may hold it; a further reference would keep it alive for ever. */
static void check_last_user(struct mmu_vm *vm)
{
	unsigned int users = refcount_read(&vm->kvm->users_count);

	if (users != 1)
		host_report(HOST_REPORT_WARN, __FILE__, __LINE__, "VM is about to lose its last file but has %u users",
			    users);
}

void adapter_vm_destroy(struct mmu_vm *vm)
{
	struct mmu_vcpu *vcpu;

	adapter_enter(vm);
	while ((vcpu = vm->vcpus)) {
		vm->vcpus = vcpu->next;
		adapter_vcpu_free(vcpu);
	}
	adapter_gmem_close_all(vm);
	check_last_user(vm);
	shim_close(vm->fd);
	host_rcu_barrier();
	adapter_spoil_forget(vm);
	shim_task_set_mm(NULL);
	shim_mm_put(vm->host_mm);
	host_free(vm);
}

unsigned int adapter_address_spaces(struct mmu_vm *vm)
{
	return vm->nr_as;
}
