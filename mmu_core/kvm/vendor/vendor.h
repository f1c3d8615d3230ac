/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vendor.h - the simulated CPU's kernel side: what the files of the third vendor module share.
 *
 * The module stands where kvm-intel.ko and kvm-amd.ko stand.  It keeps the registers that a VMCS or VMCB would hold,
 * and runs the guest through struct mmu_guest_ops.  A CPU without interrupts, debug registers, performance counters
 * and nested virtualization is simulated; what KVM asks for beyond that is answered by the plainest answer a real
 * vendor module gives, or traps.
 *
 * Locking: a vCPU's state is touched under vcpu->mutex only, as in the kernel's vendor modules.
 * Tags:    each function of the module carries one: real (does what a vendor module does), modelled (a simpler thing
 *          that KVM cannot tell from the real one), no-op (and why nothing is needed), traps (must not be reached).
 */
#ifndef MMU_CORE_KVM_VENDOR_H
#define MMU_CORE_KVM_VENDOR_H

#include <linux/kvm_host.h>

#include "kvm_core.h"
#include "mmu_core/core.h"

#define VENDOR_SEGMENTS (VCPU_SREG_LDTR + 1)
#define VENDOR_PML_ENTRIES 512 /* SDM vol. 3, 30.3.6 "Page-Modification Logging" */
#define VENDOR_PML_ROOM 64 /* gpas taken out of the log at a time */

/* What the last exit was for, as KVM's handler has to see it: the guest's own reasons and one of ours. */
struct vendor_exit {
	struct mmu_guest_exit guest;
	bool mode_switch; /* not the guest's: its boot code writes control registers (mode.c) */
};

/* One access that exited and that the emulator may complete. */
struct vendor_access {
	bool outstanding;
	bool completed;
	uint64_t value; /* what a completed read returned */
};

/* First member as in vcpu_vmx: KVM allocates sizeof(struct vendor_vcpu) and hands out the kvm_vcpu. */
struct vendor_vcpu {
	struct kvm_vcpu vcpu;

	const struct mmu_guest_ops *guest_ops; /* NULL: not bound yet */
	void *guest;
	struct vendor_exit exit;
	struct vendor_access access;
	bool done;

	hpa_t root;
	int root_level;
	bool pml;
	gpa_t pml_gpas[VENDOR_PML_ROOM];

	struct kvm_segment segments[VENDOR_SEGMENTS];
	struct desc_ptr gdt, idt;
	unsigned long rflags;
	u32 interrupt_shadow;
	bool nmi_masked;
	bool real_mode_only; /* this guest's CPUID has no long mode */
};

static inline struct vendor_vcpu *to_vendor(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vendor_vcpu, vcpu);
}

static inline bool vendor_in_smm(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.hflags & HF_SMM_MASK;
}

#define VENDOR_TRAP() host_assert_failed(__FILE__, __LINE__, __func__)

/* vendor.c */
extern struct mmu_core_config vendor_config;

static inline bool vendor_uses_ept(void)
{
	return vendor_config.tdp && vendor_config.paging == MMU_PAGING_EPT;
}

int vendor_check_processor_compatibility(void);

/* ops.c, pmu.c, nested.c */
extern struct kvm_x86_ops vendor_x86_ops;
extern struct kvm_pmu_ops vendor_pmu_ops;
extern const struct kvm_x86_nested_ops vendor_nested_ops;

/* run.c */
fastpath_t vendor_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags);
int vendor_handle_exit(struct kvm_vcpu *vcpu, fastpath_t fastpath);
void vendor_handle_exit_irqoff(struct kvm_vcpu *vcpu);
int vendor_vcpu_pre_run(struct kvm_vcpu *vcpu);
void vendor_get_exit_info(struct kvm_vcpu *vcpu, u32 *reason, u64 *info1, u64 *info2, u32 *intr_info, u32 *error_code);
void vendor_get_entry_info(struct kvm_vcpu *vcpu, u32 *intr_info, u32 *error_code);
void vendor_update_cpu_dirty_logging(struct kvm_vcpu *vcpu);

/* emulate.c */
int vendor_page_fault(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit, u64 error_code);
int vendor_emulate_rsm(struct kvm_vcpu *vcpu);
void vendor_update_emulated_instruction(struct kvm_vcpu *vcpu);
int vendor_skip_emulated_instruction(struct kvm_vcpu *vcpu);
int vendor_check_emulate_instruction(struct kvm_vcpu *vcpu, int emul_type, void *insn, int insn_len);
bool vendor_can_emulate_instruction(struct kvm_vcpu *vcpu, int emul_type, void *insn, int insn_len);
int vendor_check_intercept(struct kvm_vcpu *vcpu, struct x86_instruction_info *info, enum x86_intercept_stage stage,
			   struct x86_exception *exception);
void vendor_patch_hypercall(struct kvm_vcpu *vcpu, unsigned char *hypercall);

/* mode.c */
bool vendor_wants_mode_switch(struct kvm_vcpu *vcpu);
void vendor_mode_switch(struct kvm_vcpu *vcpu);

/* registers.c */
void vendor_reset_registers(struct vendor_vcpu *vendor);
u64 vendor_get_segment_base(struct kvm_vcpu *vcpu, int seg);
void vendor_get_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg);
void vendor_set_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg);
int vendor_get_cpl(struct kvm_vcpu *vcpu);
void vendor_get_cs_db_l_bits(struct kvm_vcpu *vcpu, int *db, int *l);
bool vendor_is_valid_cr0(struct kvm_vcpu *vcpu, unsigned long cr0);
void vendor_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0);
bool vendor_is_valid_cr4(struct kvm_vcpu *vcpu, unsigned long cr4);
void vendor_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4);
int vendor_set_efer(struct kvm_vcpu *vcpu, u64 efer);
void vendor_get_idt(struct kvm_vcpu *vcpu, struct desc_ptr *dt);
void vendor_set_idt(struct kvm_vcpu *vcpu, struct desc_ptr *dt);
void vendor_get_gdt(struct kvm_vcpu *vcpu, struct desc_ptr *dt);
void vendor_set_gdt(struct kvm_vcpu *vcpu, struct desc_ptr *dt);
void vendor_sync_dirty_debug_regs(struct kvm_vcpu *vcpu);
void vendor_set_dr7(struct kvm_vcpu *vcpu, unsigned long value);
void vendor_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg);
unsigned long vendor_get_rflags(struct kvm_vcpu *vcpu);
void vendor_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags);
bool vendor_get_if_flag(struct kvm_vcpu *vcpu);

/* msr.c */
bool vendor_has_emulated_msr(struct kvm *kvm, u32 index);
int vendor_get_msr(struct kvm_vcpu *vcpu, struct msr_data *msr);
int vendor_set_msr(struct kvm_vcpu *vcpu, struct msr_data *msr);
void vendor_msr_filter_changed(struct kvm_vcpu *vcpu);
u64 vendor_get_l2_tsc_offset(struct kvm_vcpu *vcpu);
u64 vendor_get_l2_tsc_multiplier(struct kvm_vcpu *vcpu);
void vendor_setup_mce(struct kvm_vcpu *vcpu);

/* tlb.c */
void vendor_flush_tlb_all(struct kvm_vcpu *vcpu);
void vendor_flush_tlb_current(struct kvm_vcpu *vcpu);
void vendor_flush_tlb_guest(struct kvm_vcpu *vcpu);
void vendor_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level);
u8 vendor_get_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio);

/* events.c */
void vendor_complete_events(struct kvm_vcpu *vcpu);
void vendor_update_exception_bitmap(struct kvm_vcpu *vcpu);
void vendor_set_interrupt_shadow(struct kvm_vcpu *vcpu, int mask);
u32 vendor_get_interrupt_shadow(struct kvm_vcpu *vcpu);
void vendor_inject_irq(struct kvm_vcpu *vcpu, bool reinjected);
void vendor_inject_nmi(struct kvm_vcpu *vcpu);
void vendor_inject_exception(struct kvm_vcpu *vcpu);
void vendor_cancel_injection(struct kvm_vcpu *vcpu);
int vendor_interrupt_allowed(struct kvm_vcpu *vcpu, bool for_injection);
int vendor_nmi_allowed(struct kvm_vcpu *vcpu, bool for_injection);
bool vendor_get_nmi_mask(struct kvm_vcpu *vcpu);
void vendor_set_nmi_mask(struct kvm_vcpu *vcpu, bool masked);
void vendor_enable_nmi_window(struct kvm_vcpu *vcpu);
void vendor_enable_irq_window(struct kvm_vcpu *vcpu);
void vendor_refresh_apicv_exec_ctrl(struct kvm_vcpu *vcpu);
void vendor_deliver_interrupt(struct kvm_lapic *lapic, int delivery_mode, int trig_mode, int vector);
bool vendor_apic_init_signal_blocked(struct kvm_vcpu *vcpu);

/* smm.c */
#if HAVE_KVM_SMRAM
#define VENDOR_SMRAM union kvm_smram
#else
#define VENDOR_SMRAM char
#endif
int vendor_smi_allowed(struct kvm_vcpu *vcpu, bool for_injection);
int vendor_enter_smm(struct kvm_vcpu *vcpu, VENDOR_SMRAM *smram);
int vendor_leave_smm(struct kvm_vcpu *vcpu, const VENDOR_SMRAM *smram);
void vendor_enable_smi_window(struct kvm_vcpu *vcpu);

#endif
