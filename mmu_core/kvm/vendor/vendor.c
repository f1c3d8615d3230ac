// SPDX-License-Identifier: GPL-2.0-only
/*
 * vendor.c - loading the vendor module: what the simulated CPU can do, told to KVM as vmx_hardware_setup() and
 * svm_hardware_setup() tell it.
 *
 * Locking: vendor_init() runs once, on CPU 0, before any VM; the configuration does not change afterwards.
 */
#define pr_fmt(fmt) "mmutorture: " fmt

#include "vendor.h"

#include "cpuid.h"
#include "mmu.h"
#include "mmu/spte.h"
#include "pmu.h"
#include "x86.h"

struct mmu_core_config vendor_config;

static int check_config(const struct mmu_core_config *config)
{
	const bool ept = config->paging == MMU_PAGING_EPT;

	if (config->root_level < PT64_ROOT_4LEVEL || config->root_level > PT64_ROOT_5LEVEL)
		pr_err("the root has 4 or 5 levels, not %u\n", config->root_level);
	else if (config->maxphyaddr < 36 || config->maxphyaddr > 52)
		pr_err("MAXPHYADDR is 36 to 52, not %u\n", config->maxphyaddr);
	else if (config->level_max < PG_LEVEL_4K || config->level_max > PG_LEVEL_1G)
		pr_err("the largest leaf is of level 1 to 3, not %u\n", config->level_max);
	else if (config->pml && !(config->tdp && ept && config->accessed_dirty))
		pr_err("page-modification logging needs EPT with accessed and dirty bits\n");
	else
		return 0;
	return -EINVAL;
}

/* KVM takes this from the CPUID instruction, which tells about the machine that the process runs on. */
static void set_maxphyaddr(u8 maxphyaddr)
{
	HOST_ASSERT(boot_cpu_data.x86_phys_bits == maxphyaddr); /* shim_boot() had the same configuration */
#if HAVE_KVM_HOST_MAXPHYADDR
	kvm_host.maxphyaddr = maxphyaddr;
#else
	shadow_phys_bits = maxphyaddr;
#endif
}

/*
 * Reserved bit 51 marks MMIO entries of NPT and shadow tables; a CPU that implements all 52 bits has no reserved bit
 * left and KVM must not cache MMIO.  Said again here because KVM decides it before it asks us for MAXPHYADDR
 * (kvm_mmu_reset_all_pte_masks()).
 */
static void set_npt_mmio_mask(u8 maxphyaddr)
{
	const u64 mask = maxphyaddr < 52 ? BIT_ULL(51) | PT_PRESENT_MASK : 0;

	kvm_mmu_set_mmio_spte_mask(mask, mask, ACC_WRITE_MASK | ACC_USER_MASK);
}

static void setup_mmu(const struct mmu_core_config *config)
{
	set_maxphyaddr(config->maxphyaddr);
	if (vendor_uses_ept()) {
#if HAVE_EPT_MASKS_EXEC_ONLY
		kvm_mmu_set_ept_masks(config->accessed_dirty, true);
#else
		kvm_mmu_set_ept_masks(config->accessed_dirty);
#endif
		vendor_x86_ops.get_mt_mask = vendor_get_mt_mask;
	} else {
		set_npt_mmio_mask(config->maxphyaddr);
	}
	kvm_configure_mmu(config->tdp, config->tdp ? config->root_level : 0, config->root_level, config->level_max);
	if (config->pml) {
#if HAVE_OPS_CPU_DIRTY_LOG_SIZE
		vendor_x86_ops.cpu_dirty_log_size = VENDOR_PML_ENTRIES;
#endif
		vendor_x86_ops.update_cpu_dirty_logging = vendor_update_cpu_dirty_logging;
	}
}

/* XSAVES brings guest state that this CPU does not have. */
static void setup_cpu_caps(void)
{
#if HAVE_KVM_INITIALIZE_CPU_CAPS
	kvm_initialize_cpu_caps();
#else
	kvm_set_cpu_caps();
#endif
	kvm_cpu_cap_clear(X86_FEATURE_XSAVES);
	kvm_caps.supported_xss = 0;
#if HAVE_KVM_INITIALIZE_CPU_CAPS
	kvm_cpu_cap_clear(X86_FEATURE_SHSTK);
	kvm_cpu_cap_clear(X86_FEATURE_IBT);
	kvm_finalize_cpu_caps();
#endif
}

/* real */
static int hardware_setup(void)
{
	kvm_enable_efer_bits(EFER_NX);
	enable_apicv = false;
	kvm_caps.max_tsc_scaling_ratio = U64_MAX;
	kvm_caps.tsc_scaling_ratio_frac_bits = 48;
	setup_mmu(&vendor_config);
	setup_cpu_caps();
	return 0;
}

/* real: all simulated CPUs are alike */
int vendor_check_processor_compatibility(void)
{
	return 0;
}

#if !HAVE_OPS_CHECK_PROCESSOR_COMPATIBILITY
/* real: the simulated CPU is there */
static int cpu_has_kvm_support(void)
{
	return 1;
}

/* real: and no firmware switched it off */
static int disabled_by_bios(void)
{
	return 0;
}
#endif

static struct kvm_x86_init_ops init_ops = {
	.hardware_setup = hardware_setup,
	.runtime_ops = &vendor_x86_ops,
	.pmu_ops = &vendor_pmu_ops,
#if !HAVE_OPS_CHECK_PROCESSOR_COMPATIBILITY
	.cpu_has_kvm_support = cpu_has_kvm_support,
	.disabled_by_bios = disabled_by_bios,
	.check_processor_compatibility = vendor_check_processor_compatibility,
#endif
};

int vendor_init(const struct mmu_core_config *config)
{
	int error = check_config(config);

	if (error)
		return error;
	vendor_config = *config;
	enable_pmu = false;
	error = kvm_x86_vendor_init(&init_ops);
	if (error)
		return error;
#if HAVE_KVM_INIT_OPAQUE
	error = kvm_init(&init_ops, sizeof(struct vendor_vcpu), __alignof__(struct vendor_vcpu), THIS_MODULE);
#else
	error = kvm_init(sizeof(struct vendor_vcpu), __alignof__(struct vendor_vcpu), THIS_MODULE);
#endif
	if (error)
		kvm_x86_vendor_exit();
	return error;
}
