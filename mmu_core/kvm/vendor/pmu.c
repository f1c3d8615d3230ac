// SPDX-License-Identifier: GPL-2.0-only
/*
 * pmu.c - no performance counters: enable_pmu is off, and KVM asks for no counter of a vCPU that has none.
 */
#include "vendor.h"

#include "mmu.h"
#include "pmu.h"
#include "x86.h"

/* real: no counter has this number */
static struct kvm_pmc *rdpmc_ecx_to_pmc(struct kvm_vcpu *vcpu, unsigned int idx, u64 *mask)
{
	return NULL;
}

/* real: no counter has this MSR */
static struct kvm_pmc *msr_idx_to_pmc(struct kvm_vcpu *vcpu, u32 msr)
{
	return NULL;
}

/* real: no MSR belongs to a counter */
static bool is_valid_msr(struct kvm_vcpu *vcpu, u32 msr)
{
	return false;
}

/* real: 1 is KVM's answer for an MSR that is not there */
static int access_msr(struct kvm_vcpu *vcpu, struct msr_data *msr)
{
	return 1;
}

/* no-op: there are no counters to set up */
static void no_counters(struct kvm_vcpu *vcpu)
{
}

#if HAVE_PMU_OPS_PMC_IDX_TO_PMC
/* real: no counters */
static struct kvm_pmc *pmc_idx_to_pmc(struct kvm_pmu *pmu, int pmc_idx)
{
	return NULL;
}

/* real: no counter has this number */
static bool is_valid_rdpmc_ecx(struct kvm_vcpu *vcpu, unsigned int idx)
{
	return false;
}

/* traps: asked for an existing counter */
static bool no_such_counter(struct kvm_pmc *pmc)
{
	VENDOR_TRAP();
}
#endif

struct kvm_pmu_ops vendor_pmu_ops = {
	.rdpmc_ecx_to_pmc = rdpmc_ecx_to_pmc,
	.msr_idx_to_pmc = msr_idx_to_pmc,
	.is_valid_msr = is_valid_msr,
	.get_msr = access_msr,
	.set_msr = access_msr,
	.refresh = no_counters,
	.init = no_counters,
	.reset = no_counters,
#if HAVE_PMU_OPS_PMC_IDX_TO_PMC
	.hw_event_available = no_such_counter,
	.pmc_is_enabled = no_such_counter,
	.pmc_idx_to_pmc = pmc_idx_to_pmc,
	.is_valid_rdpmc_ecx = is_valid_rdpmc_ecx,
#endif
#if HAVE_PMU_OPS_MEDIATED_LOAD
	.mediated_load = no_counters,
	.mediated_put = no_counters,
#endif
};
