// SPDX-License-Identifier: GPL-2.0-only
/*
 * events.c - interrupts, NMIs and exceptions of a CPU that handles none.
 *
 * The guest never sets RFLAGS.IF and has no local APIC, so interrupts cannot reach it.  NMIs are taken and their
 * handler returns at once.  An exception finds no handler, nor does the double fault after it: shutdown.
 */
#include "vendor.h"

#include "mmu.h"
#include "x86.h"

/* Whatever was injected has been delivered by the entry that just ended (__vmx_complete_interrupts()). */
void vendor_complete_events(struct kvm_vcpu *vcpu)
{
	vcpu->arch.nmi_injected = false;
	kvm_clear_exception_queue(vcpu);
	kvm_clear_interrupt_queue(vcpu);
}

/* no-op: no exception exits, the simulated CPU raises none */
void vendor_update_exception_bitmap(struct kvm_vcpu *vcpu)
{
}

/* real */
void vendor_set_interrupt_shadow(struct kvm_vcpu *vcpu, int mask)
{
	to_vendor(vcpu)->interrupt_shadow = mask;
}

/* real */
u32 vendor_get_interrupt_shadow(struct kvm_vcpu *vcpu)
{
	return to_vendor(vcpu)->interrupt_shadow;
}

/* traps: interrupt_allowed() never says yes */
void vendor_inject_irq(struct kvm_vcpu *vcpu, bool reinjected)
{
	VENDOR_TRAP();
}

/* modelled: the handler returns at once, so vendor_complete_events() is all there is to it */
void vendor_inject_nmi(struct kvm_vcpu *vcpu)
{
}

/* modelled: without an IDT each exception ends in a triple fault; KVM exempts that request from its rules here */
void vendor_inject_exception(struct kvm_vcpu *vcpu)
{
	kvm_make_request(KVM_REQ_TRIPLE_FAULT, vcpu);
}

/* real: the event stays queued in vcpu->arch and is injected again before the next entry */
void vendor_cancel_injection(struct kvm_vcpu *vcpu)
{
	if (kvm_event_needs_reinjection(vcpu))
		kvm_make_request(KVM_REQ_EVENT, vcpu);
}

/* real: the guest never sets RFLAGS.IF */
int vendor_interrupt_allowed(struct kvm_vcpu *vcpu, bool for_injection)
{
	HOST_ASSERT(!vendor_get_if_flag(vcpu));
	return 0;
}

/* real */
int vendor_nmi_allowed(struct kvm_vcpu *vcpu, bool for_injection)
{
	return !to_vendor(vcpu)->nmi_masked;
}

/* real */
bool vendor_get_nmi_mask(struct kvm_vcpu *vcpu)
{
	return to_vendor(vcpu)->nmi_masked;
}

/* real */
void vendor_set_nmi_mask(struct kvm_vcpu *vcpu, bool masked)
{
	to_vendor(vcpu)->nmi_masked = masked;
}

/* no-op: NMIs are masked in SMM only, and RSM, which exits, ends that */
void vendor_enable_nmi_window(struct kvm_vcpu *vcpu)
{
}

/* no-op: the window never opens, RFLAGS.IF stays clear */
void vendor_enable_irq_window(struct kvm_vcpu *vcpu)
{
}

/* no-op: there is no APIC virtualization to switch (enable_apicv is off) */
void vendor_refresh_apicv_exec_ctrl(struct kvm_vcpu *vcpu)
{
}

/* traps: the VM has no in-kernel local APIC */
void vendor_deliver_interrupt(struct kvm_lapic *lapic, int delivery_mode, int trig_mode, int vector)
{
	VENDOR_TRAP();
}

/* real: INIT is blocked in VMX operation and with GIF clear only */
bool vendor_apic_init_signal_blocked(struct kvm_vcpu *vcpu)
{
	return false;
}
