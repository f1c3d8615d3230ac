// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlb.c - flushes and roots: what VMX does with INVEPT, INVVPID and the EPTP, and SVM with ASIDs and nCR3.
 *
 * A vCPU that is not bound yet has never run: its TLB is empty and there is nothing to flush.
 */
#include <asm/vmx.h>

#include "vendor.h"

#include "mmu.h"

static bool flushes_off; /* only a saboteur sets it */

void vendor_set_flushes(bool on)
{
	WRITE_ONCE(flushes_off, !on);
}

static void flush(struct kvm_vcpu *vcpu, enum mmu_flush kind)
{
	struct vendor_vcpu *vendor = to_vendor(vcpu);

	if (!vendor->guest_ops || READ_ONCE(flushes_off))
		return;
	vendor->guest_ops->flush(vendor->guest, kind, vcpu->arch.mmu->root.hpa);
}

/* real */
void vendor_flush_tlb_all(struct kvm_vcpu *vcpu)
{
	flush(vcpu, MMU_FLUSH_ALL);
}

/* real: the context to flush is that of the root now loaded, entered or not; none is loaded, none is flushed */
void vendor_flush_tlb_current(struct kvm_vcpu *vcpu)
{
	if (VALID_PAGE(vcpu->arch.mmu->root.hpa))
		flush(vcpu, MMU_FLUSH_CURRENT);
}

/* real */
void vendor_flush_tlb_guest(struct kvm_vcpu *vcpu)
{
	if (VALID_PAGE(vcpu->arch.mmu->root.hpa))
		flush(vcpu, MMU_FLUSH_GUEST);
}

/*
 * real: the CPU sees the root at its next entry.  Composing an EPTP is left to the guest context, whose A/D flag is
 * fixed for the life of the process: only nested roots differ in ad_disabled.
 */
void vendor_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level)
{
	to_vendor(vcpu)->root = root_hpa;
	to_vendor(vcpu)->root_level = root_level;
}

/* real: EPT only.  Write-back and ignore the guest's PAT, uncached for host MMIO (vmx_get_mt_mask()) */
u8 vendor_get_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio)
{
	return is_mmio ? MTRR_TYPE_UNCACHABLE << VMX_EPT_MT_EPTE_SHIFT
		       : MTRR_TYPE_WRBACK << VMX_EPT_MT_EPTE_SHIFT | VMX_EPT_IPAT_BIT;
}
