// SPDX-License-Identifier: GPL-2.0-only
/*
 * nested.c - no nested virtualization: no vCPU is ever in guest mode, so KVM asks none of these.
 *
 * Not set: has_events, whose absence KVM tests for.  So it did for get_state and set_state before there was a flag
 *          that says whether nesting is there at all.
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

#if HAVE_NESTED_OPS_ENABLED
/* real: no state */
static int get_state(struct kvm_vcpu *vcpu, struct kvm_nested_state __user *state, unsigned int bytes)
{
	return 0;
}

/* real */
static int set_state(struct kvm_vcpu *vcpu, struct kvm_nested_state __user *user_state, struct kvm_nested_state *state)
{
	return -EINVAL;
}

/* traps: is_guest_mode() is never true */
static gpa_t translate_nested_gpa(struct kvm_vcpu *vcpu, gpa_t gpa, u64 access, struct x86_exception *exception,
				  u64 pte_access)
{
	VENDOR_TRAP();
}
#endif

const struct kvm_x86_nested_ops vendor_nested_ops = {
	.leave_nested = leave_nested,
	.is_exception_vmexit = is_exception_vmexit,
	.check_events = check_events,
	.triple_fault = triple_fault,
	.get_nested_state_pages = get_nested_state_pages,
	.write_log_dirty = write_log_dirty,
#if HAVE_NESTED_OPS_ENABLED
	.get_state = get_state,
	.set_state = set_state,
	.translate_nested_gpa = translate_nested_gpa,
#endif
};
