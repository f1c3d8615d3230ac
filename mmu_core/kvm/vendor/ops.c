// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops.c - struct kvm_x86_ops, and the life of VMs and vCPUs.
 *
 * KVM warns at load time about an operation that is missing and not optional (kvm_ops_update()).  Optional ones are
 * left out where KVM's default is what this CPU does.
 */
#include "vendor.h"

#include "mmu.h"
#include "x86.h"

/* no-op: the simulated CPU needs no VMXON */
static int enable_virtualization_cpu(void)
{
	return 0;
}

/* no-op: see above */
static void disable_virtualization_cpu(void)
{
}

/* no-op: hardware_setup() allocates nothing */
static void hardware_unsetup(void)
{
}

/* real */
static int vm_init(struct kvm *kvm)
{
#if HAVE_KVM_CPU_DIRTY_LOG_SIZE
	if (vendor_config.pml)
		kvm->arch.cpu_dirty_log_size = VENDOR_PML_ENTRIES;
#endif
	return 0;
}

#if __has_feature(thread_sanitizer)
/* Of the runtime; sanitizer/tsan_interface.h does not have it. */
void AnnotateBenignRaceSized(const char *file, int line, const volatile void *address, size_t bytes, const char *why);

/*
 * tsan.supp has vcpu->mode, with the reason.  But it is written on each entry and exit, and before a suppression is
 * found the runtime restores the other thread's stack, which takes a millisecond: most of all time, if the address is
 * not told.
 */
static void tell_tsan(const struct kvm_vcpu *vcpu)
{
	AnnotateBenignRaceSized(__FILE__, __LINE__, &vcpu->mode, sizeof(vcpu->mode), "vcpu->mode");
}
#else
static void tell_tsan(const struct kvm_vcpu *vcpu)
{
}
#endif

/* real: memory is zeroed; the first KVM_REQ_UPDATE_CPU_DIRTY_LOGGING may have come before this vCPU (init_vmcs()) */
static int vcpu_create(struct kvm_vcpu *vcpu)
{
	tell_tsan(vcpu);
	to_vendor(vcpu)->root = INVALID_PAGE;
	vendor_update_cpu_dirty_logging(vcpu);
	return 0;
}

/* no-op: a vCPU owns nothing besides itself */
static void vcpu_free(struct kvm_vcpu *vcpu)
{
}

/* real */
static void vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	vendor_reset_registers(to_vendor(vcpu));
}

/* real: the guest may have got, or lost, long mode */
static void vcpu_after_set_cpuid(struct kvm_vcpu *vcpu)
{
	to_vendor(vcpu)->real_mode_only = false;
}

/* no-op: no host state is exchanged for guest state */
static void prepare_switch_to_guest(struct kvm_vcpu *vcpu)
{
}

/* no-op: the TLB belongs to the vCPU and moves with it */
static void load_vcpu(struct kvm_vcpu *vcpu, int cpu)
{
}

/* no-op: see prepare_switch_to_guest() */
static void put_vcpu(struct kvm_vcpu *vcpu)
{
}

/* real: the guest executes no WBINVD, and KVM need not send interrupts in place of one */
static bool has_wbinvd_exit(void)
{
	return true;
}

#if HAVE_OPS_FLUSH_TLB_GVA_FULL
/* modelled: forgets all guest-virtual translations, not just those of @gva */
static void flush_tlb_gva(struct kvm_vcpu *vcpu, gva_t gva, bool *full)
{
	vendor_flush_tlb_guest(vcpu);
}
#else
/* modelled: forgets all guest-virtual translations, not just those of @gva */
static void flush_tlb_gva(struct kvm_vcpu *vcpu, gva_t gva)
{
	vendor_flush_tlb_guest(vcpu);
}
#endif

#if HAVE_OPS_WRITE_TSC_OFFSET_VALUE
/* no-op: the guest does not read its TSC */
static void write_tsc(struct kvm_vcpu *vcpu, u64 value)
{
}
#else
/* no-op: the guest does not read its TSC */
static void write_tsc(struct kvm_vcpu *vcpu)
{
}
#endif

#if HAVE_OPS_GET_FEATURE_MSR
/* real: this CPU has no feature MSRs */
static int get_feature_msr(u32 msr, u64 *value)
{
	return 1;
}
#else
/* real: this CPU has no feature MSRs */
static int get_msr_feature(struct kvm_msr_entry *entry)
{
	return 1;
}
#endif

#if HAVE_OPS_CHECK_APICV_INHIBIT_REASONS
/* real: without APICv there is only its absence to report */
static bool check_apicv_inhibit_reasons(enum kvm_apicv_inhibit reason)
{
	return reason == APICV_INHIBIT_REASON_DISABLE;
}
#endif

#if HAVE_OPS_SCHED_IN
/* no-op: there is no pause-loop window to shrink */
static void sched_in(struct kvm_vcpu *vcpu, int cpu)
{
}
#endif

struct kvm_x86_ops vendor_x86_ops = {
	.name = "mmutorture",
	.vm_size = sizeof(struct kvm),
	.nested_ops = &vendor_nested_ops,

#if HAVE_OPS_CHECK_PROCESSOR_COMPATIBILITY
	.check_processor_compatibility = vendor_check_processor_compatibility,
#endif
#if HAVE_OPS_ENABLE_VIRTUALIZATION_CPU
	.enable_virtualization_cpu = enable_virtualization_cpu,
	.disable_virtualization_cpu = disable_virtualization_cpu,
#else
	.hardware_enable = enable_virtualization_cpu,
	.hardware_disable = disable_virtualization_cpu,
#endif
	.hardware_unsetup = hardware_unsetup,

	.vm_init = vm_init,
	.vcpu_create = vcpu_create,
	.vcpu_free = vcpu_free,
	.vcpu_reset = vcpu_reset,
	.vcpu_after_set_cpuid = vcpu_after_set_cpuid,
	.vcpu_load = load_vcpu,
	.vcpu_put = put_vcpu,
#if HAVE_OPS_SCHED_IN
	.sched_in = sched_in,
#endif

	.prepare_switch_to_guest = prepare_switch_to_guest,
	.vcpu_pre_run = vendor_vcpu_pre_run,
	.vcpu_run = vendor_vcpu_run,
	.handle_exit = vendor_handle_exit,
	.handle_exit_irqoff = vendor_handle_exit_irqoff,
	.get_exit_info = vendor_get_exit_info,
#if HAVE_OPS_GET_ENTRY_INFO
	.get_entry_info = vendor_get_entry_info,
#endif

	.flush_tlb_all = vendor_flush_tlb_all,
	.flush_tlb_current = vendor_flush_tlb_current,
	.flush_tlb_gva = flush_tlb_gva,
	.flush_tlb_guest = vendor_flush_tlb_guest,
	.load_mmu_pgd = vendor_load_mmu_pgd,

	.skip_emulated_instruction = vendor_skip_emulated_instruction,
	.update_emulated_instruction = vendor_update_emulated_instruction,
#if HAVE_OPS_CHECK_EMULATE_INSTRUCTION
	.check_emulate_instruction = vendor_check_emulate_instruction,
#else
	.can_emulate_instruction = vendor_can_emulate_instruction,
#endif
	.check_intercept = vendor_check_intercept,
	.patch_hypercall = vendor_patch_hypercall,

	.get_segment_base = vendor_get_segment_base,
	.get_segment = vendor_get_segment,
	.set_segment = vendor_set_segment,
	.get_cpl = vendor_get_cpl,
#if HAVE_OPS_GET_CPL_NO_CACHE
	.get_cpl_no_cache = vendor_get_cpl,
#endif
	.get_cs_db_l_bits = vendor_get_cs_db_l_bits,
	.is_valid_cr0 = vendor_is_valid_cr0,
	.set_cr0 = vendor_set_cr0,
	.is_valid_cr4 = vendor_is_valid_cr4,
	.set_cr4 = vendor_set_cr4,
	.set_efer = vendor_set_efer,
	.get_idt = vendor_get_idt,
	.set_idt = vendor_set_idt,
	.get_gdt = vendor_get_gdt,
	.set_gdt = vendor_set_gdt,
	.sync_dirty_debug_regs = vendor_sync_dirty_debug_regs,
	.set_dr7 = vendor_set_dr7,
	.cache_reg = vendor_cache_reg,
	.get_rflags = vendor_get_rflags,
	.set_rflags = vendor_set_rflags,
	.get_if_flag = vendor_get_if_flag,

	.update_exception_bitmap = vendor_update_exception_bitmap,
	.set_interrupt_shadow = vendor_set_interrupt_shadow,
	.get_interrupt_shadow = vendor_get_interrupt_shadow,
	.inject_irq = vendor_inject_irq,
	.inject_nmi = vendor_inject_nmi,
	.inject_exception = vendor_inject_exception,
	.cancel_injection = vendor_cancel_injection,
	.interrupt_allowed = vendor_interrupt_allowed,
	.nmi_allowed = vendor_nmi_allowed,
	.get_nmi_mask = vendor_get_nmi_mask,
	.set_nmi_mask = vendor_set_nmi_mask,
	.enable_nmi_window = vendor_enable_nmi_window,
	.enable_irq_window = vendor_enable_irq_window,
	.refresh_apicv_exec_ctrl = vendor_refresh_apicv_exec_ctrl,
#if HAVE_OPS_CHECK_APICV_INHIBIT_REASONS
	.check_apicv_inhibit_reasons = check_apicv_inhibit_reasons,
#endif
	.deliver_interrupt = vendor_deliver_interrupt,
	.apic_init_signal_blocked = vendor_apic_init_signal_blocked,
	.vcpu_deliver_sipi_vector = kvm_vcpu_deliver_sipi_vector,

	.has_emulated_msr = vendor_has_emulated_msr,
	.get_msr = vendor_get_msr,
	.set_msr = vendor_set_msr,
#if HAVE_OPS_GET_FEATURE_MSR
	.get_feature_msr = get_feature_msr,
#else
	.get_msr_feature = get_msr_feature,
#endif
#if HAVE_OPS_MSR_FILTER_CHANGED
	.msr_filter_changed = vendor_msr_filter_changed,
#else
	.recalc_intercepts = vendor_msr_filter_changed,
#endif
	.complete_emulated_msr = kvm_complete_insn_gp,
	.get_l2_tsc_offset = vendor_get_l2_tsc_offset,
	.get_l2_tsc_multiplier = vendor_get_l2_tsc_multiplier,
	.write_tsc_offset = write_tsc,
	.write_tsc_multiplier = write_tsc,
	.setup_mce = vendor_setup_mce,
	.has_wbinvd_exit = has_wbinvd_exit,

	.smi_allowed = vendor_smi_allowed,
	.enter_smm = vendor_enter_smm,
	.leave_smm = vendor_leave_smm,
	.enable_smi_window = vendor_enable_smi_window,
};
