// SPDX-License-Identifier: GPL-2.0-only
/*
 * exit.c - why the guest came out, and what to do about it.
 *
 * Also mapping ahead of use, which is a fault without an access.
 * Source: spec.md 3.4 (results), S1.6, O-52.
 */
#include <errno.h>

#include "arch/x86/x86.h"
#include "sync.h"

#define ACCESS_BYTES 8

/* One instruction reaches no further than its page. */
static uint64_t bytes_of(gpa_t gpa)
{
	return gpa % MMU_PAGE_SIZE + ACCESS_BYTES > MMU_PAGE_SIZE ? 1 : ACCESS_BYTES;
}

/*
 * Nothing is there, or nothing that may be written: userspace does the access.  What was to be fetched is passed
 * over.
 */
static int emulate(struct mmu_vcpu *vcpu, const struct mmu_guest_exit *exit, struct mmu_run *run)
{
	if (exit->access & MMU_EXEC) {
		vcpu->mmio.completed = true;
		vcpu->mmio.value = 0;
		return 1;
	}
	vcpu->mmio.outstanding = true;
	vcpu->mmio.read = !(exit->access & MMU_WRITE);
	*run = (struct mmu_run){
		.reason = MMU_RUN_MMIO,
		.gpa = exit->gpa,
		.bytes = bytes_of(exit->gpa),
		.access = exit->access & MMU_WRITE ? MMU_WRITE : MMU_READ,
		.value = exit->access & MMU_WRITE ? exit->value : 0,
	};
	return 0;
}

static int report_error(struct mmu_vcpu *vcpu, int error, struct mmu_run *run)
{
	if (vcpu->memory_fault.valid) {
		*run = (struct mmu_run){
			.reason = MMU_RUN_MEMORY_FAULT,
			.gpa = vcpu->memory_fault.gpa,
			.bytes = MMU_PAGE_SIZE,
			.access = vcpu->memory_fault.private ? MMU_PRIVATE : 0,
		};
		return error;
	}
	/* The host tells the process of failed memory by a signal, which ends the run. */
	if (error == -EHWPOISON) {
		run->reason = MMU_RUN_INTERRUPTED;
		return -EINTR;
	}
	run->reason = MMU_RUN_OTHER;
	return error;
}

static int fault(struct mmu_vcpu *vcpu, const struct mmu_guest_exit *exit, uint32_t access, uint32_t allowed,
		 struct mmu_run *run)
{
	int outcome = gmm_fault(vcpu, exit->gpa, access, allowed, false, NULL);

	if (outcome < 0)
		return report_error(vcpu, outcome, run);
	return outcome == GMM_EMULATE ? emulate(vcpu, exit, run) : 1;
}

/*
 * Only with private memory is there a bit by which the guest says which it means; where software alone protects it,
 * the guest cannot say "shared", and is taken at its attribute's word.  Where an entry says that no memory is there, an
 * access that claims nothing is to what userspace emulates, which is shared; an EPT misconfiguration does not even tell
 * which access it was (Intel SDM 3C, 27.2.1: no exit qualification), so that it is taken for a read, and the next fault
 * tells.
 */
static uint32_t claimed_access(struct mmu_vcpu *vcpu, const struct mmu_guest_exit *exit)
{
	const struct mmu_vm *vm = vcpu->vm;
	uint32_t access = exit->access & ~(uint32_t)MMU_PRIVATE;

	if (vm->has_private && (exit->access & MMU_PRIVATE))
		return exit->access;
	if (exit->reason == MMU_EXIT_MISCONFIG)
		return vm->config.paging == MMU_PAGING_EPT ? MMU_READ : access;
	return access | (gmm_is_private(vcpu->vm, exit->gpa >> MMU_PAGE_SHIFT) ? MMU_PRIVATE : 0);
}

int x86_handle_exit(struct mmu_vcpu *vcpu, const struct mmu_guest_exit *exit, struct mmu_run *run)
{
	uint32_t access = claimed_access(vcpu, exit);

	switch (exit->reason) {
	case MMU_EXIT_DONE:
		return 0;
	case MMU_EXIT_FAULT:
		return fault(vcpu, exit, access, exit->allowed, run);
	case MMU_EXIT_MISCONFIG:
		if (!(access & MMU_PRIVATE) && gmm_mmio_check(vcpu, exit->gpa) == GMM_EMULATE)
			return emulate(vcpu, exit, run);
		return fault(vcpu, exit, access, 0, run);
	case MMU_EXIT_RSM:
		if (x86_smm_leave(vcpu))
			return 1;
		run->reason = MMU_RUN_SHUTDOWN;
		return 0;
	case MMU_EXIT_INTERRUPT:
	case MMU_EXIT_PML_FULL:
	case MMU_EXIT_KINDS:
		break;
	}
	return 1;
}

/* --------------------------------------------------------------------------------------------- mapping ahead of use */

static int try_page(struct mmu_vcpu *vcpu, gpa_t gpa, unsigned int *level)
{
	bool private = gmm_is_private(vcpu->vm, gpa >> MMU_PAGE_SHIFT);
	int error = x86_mmu_ready(vcpu);

	return error ? error : gmm_fault(vcpu, gpa, MMU_READ | (private ? MMU_PRIVATE : 0), 0, true, level);
}

/* One page, and the level at which it is mapped then. */
static int prefault_page(struct mmu_vcpu *vcpu, gpa_t gpa, unsigned int *level)
{
	int outcome;

	while ((outcome = try_page(vcpu, gpa, level)) == GMM_RETRY) {
		/* The next run is what a kick is for; here it is an end to trying. */
		if (sync_load(&vcpu->kicked))
			return -EINTR;
		host_yield();
	}
	if (outcome == GMM_EMULATE)
		return -ENOENT;
	return outcome < 0 ? outcome : 0;
}

static int prefault_locked(struct mmu_vcpu *vcpu, gpa_t gpa, gpa_t end)
{
	gpa_t start = gpa;
	int error = 0;

	while (gpa < end && !error) {
		unsigned int level = MMU_LEVEL_4K;
		uint64_t bytes;

		error = prefault_page(vcpu, gpa, &level);
		bytes = mmu_level_npages(level) << MMU_PAGE_SHIFT;
		if (!error)
			gpa = (gpa & ~(bytes - 1)) + bytes;
	}
	/* What was done counts, unless nothing was. */
	return gpa > start ? 0 : error;
}

int x86_vcpu_prefault(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes)
{
	int error;

	if (((gpa | bytes) & (MMU_PAGE_SIZE - 1)) || gpa + bytes <= gpa)
		return -EINVAL;
	gmm_lock(&vcpu->mutex, &gmm_vcpu_class);
	error = prefault_locked(vcpu, gpa, gpa + bytes);
	gmm_unlock(&vcpu->mutex);
	return error;
}
