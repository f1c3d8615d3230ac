// SPDX-License-Identifier: GPL-2.0-only
/*
 * smm.c - system management mode.  KVM saves and loads the state itself; a vendor module only has something to add
 * for nested guests, which there are none of here.
 *
 * The state-save area is guest memory: address space 1 must have a slot at smbase + 0xfe00, or KVM kills the VM
 * (enter_smm()).
 */
#include "vendor.h"

/* real: an SMI waits for the end of the one before (vmx_smi_allowed()) */
int vendor_smi_allowed(struct kvm_vcpu *vcpu, bool for_injection)
{
	return !vendor_in_smm(vcpu);
}

/* real: no nested guest to leave */
int vendor_enter_smm(struct kvm_vcpu *vcpu, VENDOR_SMRAM *smram)
{
	return 0;
}

/* real: no nested guest to enter again */
int vendor_leave_smm(struct kvm_vcpu *vcpu, const VENDOR_SMRAM *smram)
{
	return 0;
}

/* no-op: RSM exits anyway, and KVM looks for a pending SMI after it (kvm_smm_changed()) */
void vendor_enable_smi_window(struct kvm_vcpu *vcpu)
{
}
