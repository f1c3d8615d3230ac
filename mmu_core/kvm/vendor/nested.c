// SPDX-License-Identifier: GPL-2.0-only
/*
 * nested.c - no nested virtualization: no vCPU is ever in guest mode, so KVM asks none of these.
 *
 * Not set: has_events, get_state and set_state, whose absence KVM itself tests for.
 */
#include "vendor.h"

/* traps: is_guest_mode() is never true */
static void leave_nested(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* traps: is_guest_mode() is never true */
static bool is_exception_vmexit(struct kvm_vcpu *vcpu, u8 vector, u32 error_code)
{
	VENDOR_TRAP();
}

/* traps: is_guest_mode() is never true */
static int check_events(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* traps: is_guest_mode() is never true */
static void triple_fault(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* traps: KVM_REQ_GET_NESTED_STATE_PAGES comes from set_state */
static bool get_nested_state_pages(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* traps: the log of a nested guest */
static int write_log_dirty(struct kvm_vcpu *vcpu, gpa_t l2_gpa)
{
	VENDOR_TRAP();
}

const struct kvm_x86_nested_ops vendor_nested_ops = {
	.leave_nested = leave_nested,
	.is_exception_vmexit = is_exception_vmexit,
	.check_events = check_events,
	.triple_fault = triple_fault,
	.get_nested_state_pages = get_nested_state_pages,
	.write_log_dirty = write_log_dirty,
};
