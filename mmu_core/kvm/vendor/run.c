// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - VM entry and VM exit: vcpu_enter_guest() calls vendor_vcpu_run() with interrupts off, and afterwards
 * vendor_handle_exit() with the memslots' SRCU held.
 *
 * Source: the order of events follows arch/x86/kvm/vmx/vmx.c: vmx_vcpu_run(), __vmx_handle_exit().
 */
#include <linux/context_tracking.h>
#include <linux/smp.h>
#include <trace/events/ipi.h>

#include "vendor.h"

#include "mmu.h"

void vendor_bind(struct kvm_vcpu *vcpu, const struct mmu_guest_ops *ops, void *guest)
{
	struct vendor_vcpu *vendor = to_vendor(vcpu);

	HOST_ASSERT(ops && !vendor->guest_ops);
	vendor->guest = guest;
	vendor->guest_ops = ops;
}

bool vendor_guest_done(struct kvm_vcpu *vcpu)
{
	struct vendor_vcpu *vendor = to_vendor(vcpu);
	bool done = vendor->done;

	vendor->done = false;
	return done;
}

/*
 * RCU hears of the entry, as from the kernel's vendor modules: KVM holds nothing that RCU protects while the guest
 * runs, and the simulated page walk must not be what keeps a table alive.  Unlike with guest_state_enter_irqoff(),
 * lockdep keeps its view that interrupts are off: no interrupt is taken before the guest loop has returned.
 */
static void enter_guest(struct vendor_vcpu *vendor)
{
	const bool ept = vendor_uses_ept();
	const struct mmu_guest_context context = {
		.root = vendor->root,
		.root_level = vendor->root_level,
		.paging = ept ? MMU_PAGING_EPT : MMU_PAGING_NPT,
		.accessed_dirty = !ept || vendor_config.accessed_dirty,
		.pml = vendor->pml,
		.in_smm = vendor_in_smm(&vendor->vcpu),
		.emulated = vendor->access.completed,
		.emulated_value = vendor->access.value,
	};

	vendor->access = (struct vendor_access){};
	guest_context_enter_irqoff();
	vendor->guest_ops->enter(vendor->guest, &context, &vendor->exit.guest);
	guest_context_exit_irqoff();
	HOST_ASSERT(vendor->exit.guest.reason < MMU_EXIT_KINDS);
}

/* real */
fastpath_t vendor_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	struct vendor_vcpu *vendor = to_vendor(vcpu);

	HOST_ASSERT(vendor->guest_ops);
	HOST_ASSERT(VALID_PAGE(vendor->root));

	/* As svm_vcpu_run(): an interrupt to oneself is what the guest loop finds before its first access. */
	if (run_flags & KVM_RUN_FORCE_IMMEDIATE_EXIT)
		smp_send_reschedule(vcpu->cpu);

	vendor->exit.mode_switch = vendor_wants_mode_switch(vcpu);
	if (!vendor->exit.mode_switch)
		enter_guest(vendor);
	vendor_complete_events(vcpu);
	return EXIT_FASTPATH_NONE;
}

/* modelled: nothing can be wrong with the guest's state before entry, the simulated CPU checks none */
int vendor_vcpu_pre_run(struct kvm_vcpu *vcpu)
{
	return 1;
}

/* real: interrupts that ended the guest are taken by vcpu_enter_guest() when it enables them */
void vendor_handle_exit_irqoff(struct kvm_vcpu *vcpu)
{
	if (to_vendor(vcpu)->exit.guest.reason == MMU_EXIT_INTERRUPT)
		vcpu->arch.at_instruction_boundary = true;
}

/* Each exit empties the log, so that kicking all vCPUs is enough for KVM_GET_DIRTY_LOG (vmx_flush_pml_buffer()). */
static void flush_pml(struct vendor_vcpu *vendor)
{
	unsigned int count, i;

	do {
		count = vendor->guest_ops->pml_drain(vendor->guest, vendor->pml_gpas, VENDOR_PML_ROOM);
		HOST_ASSERT(count <= VENDOR_PML_ROOM);
		for (i = 0; i < count; i++)
			kvm_vcpu_mark_page_dirty(&vendor->vcpu, vendor->pml_gpas[i] >> PAGE_SHIFT);
	} while (count == VENDOR_PML_ROOM);
}

/*
 * @access: one of READ, WRITE, EXEC, and PRIVATE.  @allowed: what the translation that faulted permits; any
 * permission makes the fault one on a present entry, without which fast_page_fault() is never reached.
 * Source: arch/x86/kvm/vmx/common.h __vmx_handle_ept_violation(); APM vol. 2, 15.25.6 "Nested versus Guest Page
 * Faults".
 */
u64 vendor_error_code(u32 access, u32 allowed)
{
	const bool ept = vendor_uses_ept();
	u64 error_code = 0;

	if (vendor_config.tdp)
		error_code |= PFERR_GUEST_FINAL_MASK;
	/*
	 * NPT: all nested walks are user accesses.  EPT: a data read, until the bit was needed to tell user from
	 * kernel.
	 */
	if (!ept || (!HAVE_SHADOW_XU_MASK && access & MMU_READ))
		error_code |= PFERR_USER_MASK;
	if (access & MMU_WRITE)
		error_code |= PFERR_WRITE_MASK;
	if (access & MMU_EXEC)
		error_code |= PFERR_FETCH_MASK;
	if (allowed & (MMU_READ | MMU_WRITE | MMU_EXEC))
		error_code |= PFERR_PRESENT_MASK;
#ifdef PFERR_PRIVATE_ACCESS
	if (access & MMU_PRIVATE)
		error_code |= PFERR_PRIVATE_ACCESS;
#endif
	return error_code;
}

/* What the guest claims of the gpa exists for VMs with private memory only: nobody else's CPU has such a bit. */
static u32 claimed_access(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit)
{
#ifdef PFERR_PRIVATE_ACCESS
	if (kvm_arch_has_private_mem(vcpu->kvm))
		return exit->access;
#endif
	return exit->access & ~MMU_PRIVATE;
}

static int handle_fault(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit)
{
	return vendor_page_fault(vcpu, exit, vendor_error_code(claimed_access(vcpu, exit), exit->allowed));
}

/*
 * An EPT misconfiguration says nothing of the access, a nested page fault on reserved bits does.  Emulated MMIO is
 * shared: a private access would have used another gpa (TDX) or failed the RMP check (SNP), so it faults instead.
 */
static int handle_misconfig(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit)
{
	const u32 access = claimed_access(vcpu, exit);

	if (access & MMU_PRIVATE)
		return vendor_page_fault(vcpu, exit, vendor_error_code(access, 0));
	if (vendor_uses_ept())
		return vendor_page_fault(vcpu, exit, PFERR_RSVD_MASK);
	return vendor_page_fault(vcpu, exit, PFERR_RSVD_MASK | vendor_error_code(access, MMU_READ));
}

/* KVM has no exit reason for a guest that has run out of things to do; a HLT is the nearest, and adapter/ asks us. */
static int handle_done(struct vendor_vcpu *vendor)
{
	vendor->done = true;
	vendor->vcpu.run->exit_reason = KVM_EXIT_HLT;
	return 0;
}

/* real: > 0 re-enters the guest, 0 goes to userspace with run->exit_reason set, < 0 is KVM_RUN's errno */
int vendor_handle_exit(struct kvm_vcpu *vcpu, fastpath_t fastpath)
{
	struct vendor_vcpu *vendor = to_vendor(vcpu);
	const struct mmu_guest_exit *exit = &vendor->exit.guest;

	if (vendor->exit.mode_switch) {
		vendor_mode_switch(vcpu);
		return 1;
	}
	if (vendor_config.pml)
		flush_pml(vendor);

	switch (exit->reason) {
	case MMU_EXIT_DONE:
		return handle_done(vendor);
	case MMU_EXIT_FAULT:
		return handle_fault(vcpu, exit);
	case MMU_EXIT_MISCONFIG:
		return handle_misconfig(vcpu, exit);
	case MMU_EXIT_RSM:
		return vendor_emulate_rsm(vcpu);
	case MMU_EXIT_INTERRUPT:
	case MMU_EXIT_PML_FULL:
		return 1;
	case MMU_EXIT_KINDS:
		break;
	}
	VENDOR_TRAP();
}

/* real */
void vendor_update_cpu_dirty_logging(struct kvm_vcpu *vcpu)
{
	/* The count may change while this runs; then another request is on its way (vmx_update_cpu_dirty_logging()). */
#if HAVE_KVM_NR_MEMSLOTS_DIRTY_LOGGING
	const int logged = atomic_read(&vcpu->kvm->nr_memslots_dirty_logging);
#else
	const int logged = vcpu->kvm->arch.cpu_dirty_logging_count;
#endif

	to_vendor(vcpu)->pml = vendor_config.pml && logged;
}

/* real: for tracepoints and error paths */
void vendor_get_exit_info(struct kvm_vcpu *vcpu, u32 *reason, u64 *info1, u64 *info2, u32 *intr_info, u32 *error_code)
{
	const struct mmu_guest_exit *exit = &to_vendor(vcpu)->exit.guest;

	*reason = exit->reason;
	*info1 = exit->gpa;
	*info2 = (u64)exit->allowed << 32 | exit->access;
	*intr_info = 0;
	*error_code = 0;
}

/* real: nothing is ever injected through the entry fields of this CPU */
void vendor_get_entry_info(struct kvm_vcpu *vcpu, u32 *intr_info, u32 *error_code)
{
	*intr_info = 0;
	*error_code = 0;
}
