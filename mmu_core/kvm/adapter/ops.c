// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - the kvm core as the port sees it: start-up and the table of operations.
 *
 * Start-up follows a booting kernel: the shim first, its known-answer tests, then the vendor module, then /dev/kvm.
 */
#include <generated/utsrelease.h>

#include "adapter.h"

const struct host_lock_class adapter_spin_class = { .name = "kvm adapter, spinning" };
const struct host_lock_class adapter_mutex_class = { .name = "kvm adapter", .sleeps = true };

static struct mmu_core_config booted_config;
static int kvm_fd = -1;

const struct mmu_core_config *adapter_config(void)
{
	return &booted_config;
}

int adapter_kvm_fd(void)
{
	return kvm_fd;
}

static int core_init(const struct mmu_core_config *config)
{
	int err;

	HOST_ASSERT(kvm_fd < 0);
	booted_config = *config;
	err = shim_boot(config);
	if (err)
		return err;
	shim_self_test();
	err = vendor_init(config);
	if (!err)
		err = adapter_policy_init(config);
	if (err)
		return err;
	kvm_fd = shim_open_kvm();
	return min(kvm_fd, 0);
}

static const char *core_version(void)
{
	return "Linux " UTS_RELEASE;
}

const struct mmu_core_ops kvm_core = {
	.name = "kvm",
	.summary = "the kernel's own KVM, unmodified",
	.features = (HAVE_MEMORY_ATTRIBUTES ? MMU_FEATURE_ATTRIBUTES : 0) | (HAVE_GUEST_MEMFD ? MMU_FEATURE_GMEM : 0) |
		    (HAVE_PRE_FAULT_MEMORY ? MMU_FEATURE_PREFAULT : 0) |
		    (HAVE_GUEST_MEMFD_FLAGS ? MMU_FEATURE_GMEM_SHARED : 0),
	.init = core_init,
	.version = core_version,

	.vm_create = adapter_vm_create,
	.vm_destroy = adapter_vm_destroy,
	.vcpu_create = adapter_vcpu_create,
	.address_spaces = adapter_address_spaces,
	.cap_enable = adapter_cap_enable,

	.vcpu_run = adapter_vcpu_run,
	.vcpu_kick = adapter_vcpu_kick,
	.vcpu_smi = adapter_vcpu_smi,
	.vcpu_fault = adapter_vcpu_fault,
	.vcpu_prefault = adapter_vcpu_prefault,

	.slot_set = adapter_slot_set,
	.slot_set_v1 = adapter_slot_set_v1,
	.attributes_set = adapter_attributes_set,
	.gmem_create = adapter_gmem_create,
	.gmem_fallocate = adapter_gmem_fallocate,
	.gmem_error = adapter_gmem_error,
	.gmem_close = adapter_gmem_close,
	.gmem_id = adapter_gmem_id,

	.dirty_get = adapter_dirty_get,
	.dirty_clear = adapter_dirty_clear,
	.ring_harvest = adapter_ring_harvest,
	.ring_reset = adapter_ring_reset,

	.nx_set = adapter_nx_set,
	.eager_split_set = adapter_eager_split_set,
	.nx_recover = adapter_nx_recover,
	.pages_limit = adapter_pages_limit,
	.shrink = adapter_shrink,

	.uapi = adapter_uapi,

	.for_each_root = adapter_for_each_root,
	.for_each_table = adapter_for_each_table,
	.for_each_entry = adapter_for_each_entry,
	.for_each_slot = adapter_for_each_slot,
	.counter = adapter_counter,
	.vcpu_view = adapter_vcpu_view,
	.slot_dirty_word = adapter_slot_dirty_word,
	.frame_mixed = adapter_frame_mixed,
	.attributes = adapter_attributes,
	.spoil = adapter_spoil,
};
