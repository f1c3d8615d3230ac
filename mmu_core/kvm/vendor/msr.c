// SPDX-License-Identifier: GPL-2.0-only
/*
 * msr.c - MSRs beyond those that KVM keeps for every vendor, time stamps and machine checks.
 *
 * Covered: the segment bases.  Not covered: the MSRs of SYSENTER and SYSCALL, as the guest executes neither; KVM's
 *          answer for them is that of an MSR which does not exist.
 */
#include "vendor.h"

#include "mmu.h"
#include "x86.h"

/* real: the MSRs of nested VMX and of SVM's own features do not exist here */
bool vendor_has_emulated_msr(struct kvm *kvm, u32 index)
{
	switch (index) {
	case MSR_IA32_VMX_BASIC ... MSR_IA32_VMX_VMFUNC:
	case MSR_AMD64_VIRT_SPEC_CTRL:
	case MSR_AMD64_TSC_RATIO:
		return false;
	default:
		return true;
	}
}

/* real */
int vendor_get_msr(struct kvm_vcpu *vcpu, struct msr_data *msr)
{
	switch (msr->index) {
	case MSR_FS_BASE:
		msr->data = vendor_get_segment_base(vcpu, VCPU_SREG_FS);
		return 0;
	case MSR_GS_BASE:
		msr->data = vendor_get_segment_base(vcpu, VCPU_SREG_GS);
		return 0;
	default:
		return kvm_get_msr_common(vcpu, msr);
	}
}

/* real */
int vendor_set_msr(struct kvm_vcpu *vcpu, struct msr_data *msr)
{
	switch (msr->index) {
	case MSR_FS_BASE:
		to_vendor(vcpu)->segments[VCPU_SREG_FS].base = msr->data;
		return 0;
	case MSR_GS_BASE:
		to_vendor(vcpu)->segments[VCPU_SREG_GS].base = msr->data;
		return 0;
	default:
		return kvm_set_msr_common(vcpu, msr);
	}
}

/* no-op: there is no bitmap of MSRs that the guest may touch without an exit */
void vendor_msr_filter_changed(struct kvm_vcpu *vcpu)
{
}

/* real: no nested guest, so no second offset */
u64 vendor_get_l2_tsc_offset(struct kvm_vcpu *vcpu)
{
	return 0;
}

/* real: no nested guest, so no second ratio */
u64 vendor_get_l2_tsc_multiplier(struct kvm_vcpu *vcpu)
{
	return kvm_caps.default_tsc_scaling_ratio;
}

/* no-op: KVM keeps the machine-check banks; this CPU raises no machine checks */
void vendor_setup_mce(struct kvm_vcpu *vcpu)
{
}
