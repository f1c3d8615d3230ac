// SPDX-License-Identifier: GPL-2.0-only
/*
 * mode.c - from real mode to long mode.
 *
 * A vCPU is in real mode after reset and again in each SMI handler.  Firmware then switches to long mode, and so does
 * ours, because the simulated CPU's accesses are eight bytes wide and 32-bit code can only emulate four.  It happens
 * as on hardware: writes to CR0, CR4 and EFER exit, and KVM's own functions do them, with all that follows for the
 * MMU role.
 *
 * Without two-dimensional paging the guest stays in real mode: long mode needs page tables in guest memory.  So does
 * a guest whose CPUID has no long mode: KVM refuses EFER.LME then.
 */
#include "vendor.h"

#include "mmu.h"
#include "x86.h"

#define LONG_MODE_CR0 (X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG)

bool vendor_wants_mode_switch(struct kvm_vcpu *vcpu)
{
	return vendor_config.tdp && !(vcpu->arch.efer & EFER_LMA) && !to_vendor(vcpu)->real_mode_only;
}

static int write_efer(struct kvm_vcpu *vcpu, u64 efer)
{
#if HAVE_KVM_EMULATE_MSR_WRITE
	return kvm_emulate_msr_write(vcpu, MSR_EFER, efer);
#else
	return kvm_set_msr(vcpu, MSR_EFER, efer);
#endif
}

/* The handler of the exits that vendor_wants_mode_switch() stands for. */
void vendor_mode_switch(struct kvm_vcpu *vcpu)
{
	struct kvm_segment code = {
		.selector = 8,
		.limit = 0xffffffff,
		.type = 0xb,
		.s = 1,
		.present = 1,
		.l = 1,
		.g = 1,
	};

	if (write_efer(vcpu, EFER_LME)) {
		to_vendor(vcpu)->real_mode_only = true;
		return;
	}
	HOST_ASSERT(!kvm_set_cr4(vcpu, X86_CR4_PAE));
	HOST_ASSERT(!kvm_set_cr0(vcpu, LONG_MODE_CR0));
	vendor_set_segment(vcpu, &code, VCPU_SREG_CS);
	HOST_ASSERT(vcpu->arch.efer & EFER_LMA);
}
