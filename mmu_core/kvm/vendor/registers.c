// SPDX-License-Identifier: GPL-2.0-only
/*
 * registers.c - the registers that a VMCS or VMCB would hold, kept in struct vendor_vcpu.
 *
 * General registers, RIP and the control registers live in vcpu->arch and are always up to date there: no register is
 * ever guest-owned, so KVM never has to fetch one (cache_reg).
 */
#include "vendor.h"

#include "mmu.h"
#include "x86.h"

/* SDM vol. 3, table 11-1 "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT" */
void vendor_reset_registers(struct vendor_vcpu *vendor)
{
	const struct kvm_segment data = { .limit = 0xffff, .type = 0x3, .s = 1, .present = 1 };
	int seg;

	for (seg = 0; seg < VENDOR_SEGMENTS; seg++)
		vendor->segments[seg] = data;
	vendor->segments[VCPU_SREG_CS].selector = 0xf000;
	vendor->segments[VCPU_SREG_CS].base = 0xffff0000;
	vendor->segments[VCPU_SREG_CS].type = 0xb;
	vendor->segments[VCPU_SREG_TR] = (struct kvm_segment){ .limit = 0xffff, .type = 0xb, .present = 1 };
	vendor->segments[VCPU_SREG_LDTR] = (struct kvm_segment){ .limit = 0xffff, .type = 0x2, .present = 1 };
	vendor->gdt = (struct desc_ptr){ .size = 0xffff };
	vendor->idt = (struct desc_ptr){ .size = 0xffff };
	vendor->interrupt_shadow = 0;
	vendor->nmi_masked = false;
}

/* real */
u64 vendor_get_segment_base(struct kvm_vcpu *vcpu, int seg)
{
	return to_vendor(vcpu)->segments[seg].base;
}

/* real */
void vendor_get_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	*var = to_vendor(vcpu)->segments[seg];
}

/* real */
void vendor_set_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	to_vendor(vcpu)->segments[seg] = *var;
}

/* real: as SVM, the CPL is SS.DPL */
int vendor_get_cpl(struct kvm_vcpu *vcpu)
{
	return to_vendor(vcpu)->segments[VCPU_SREG_SS].dpl;
}

/* real */
void vendor_get_cs_db_l_bits(struct kvm_vcpu *vcpu, int *db, int *l)
{
	const struct kvm_segment *cs = &to_vendor(vcpu)->segments[VCPU_SREG_CS];

	*db = cs->db;
	*l = cs->l;
}

/* real: no VMX operation that would fix bits */
bool vendor_is_valid_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	return true;
}

/* real: paging under EFER.LME is long mode (svm_set_cr0()) */
void vendor_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	if (vcpu->arch.efer & EFER_LME) {
		if (cr0 & X86_CR0_PG)
			vcpu->arch.efer |= EFER_LMA;
		else
			vcpu->arch.efer &= ~EFER_LMA;
	}
	vcpu->arch.cr0 = cr0;
}

/* real */
bool vendor_is_valid_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	return true;
}

/* real */
void vendor_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
}

/* real */
int vendor_set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
	return 0;
}

/* real */
void vendor_get_idt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	*dt = to_vendor(vcpu)->idt;
}

/* real */
void vendor_set_idt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	to_vendor(vcpu)->idt = *dt;
}

/* real */
void vendor_get_gdt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	*dt = to_vendor(vcpu)->gdt;
}

/* real */
void vendor_set_gdt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	to_vendor(vcpu)->gdt = *dt;
}

/* traps: KVM_DEBUGREG_WONT_EXIT is set by the exit handler of MOV DR, which this CPU does not execute */
void vendor_sync_dirty_debug_regs(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* no-op: KVM keeps DR7 in vcpu->arch, and this CPU has no breakpoints */
void vendor_set_dr7(struct kvm_vcpu *vcpu, unsigned long value)
{
}

/* traps: vcpu->arch.regs_avail is all ones from creation on */
void vendor_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	VENDOR_TRAP();
}

/* real */
unsigned long vendor_get_rflags(struct kvm_vcpu *vcpu)
{
	return to_vendor(vcpu)->rflags;
}

/* real */
void vendor_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags)
{
	to_vendor(vcpu)->rflags = rflags;
}

/* real */
bool vendor_get_if_flag(struct kvm_vcpu *vcpu)
{
	return to_vendor(vcpu)->rflags & X86_EFLAGS_IF;
}
