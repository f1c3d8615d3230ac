// SPDX-License-Identifier: GPL-2.0-only
/*
 * request.c - making vCPUs leave the guest, and see to something before they go back in.
 *
 * The two sides each write one word and then read the other's, with full barriers in between, so that at least one sees
 * the other:
 *     requester   sets the request; reads the mode.  In the guest: interrupts the CPU and waits until it has left.
 *     vCPU        sets the mode to IN_GUEST; reads the requests.  Something there: does not enter.
 * When gmm_request_all() returns, no vCPU runs guest code that it entered before.
 * Source: spec.md 3.13.
 */
#include "gmm/gmm.h"
#include "sync.h"

bool gmm_flushes_are_lost;

static void flush_cpu(struct mmu_vcpu *vcpu, enum mmu_flush kind, mmu_hpa_t root)
{
	if (!__atomic_load_n(&gmm_flushes_are_lost, __ATOMIC_RELAXED))
		vcpu->guest_ops->flush(vcpu->guest, kind, root);
}

/* To have been interrupted is to have left the guest. */
static void nothing(void *argument)
{
	(void)argument;
}

static void kick_and_wait(struct mmu_vcpu *vcpu)
{
	uint32_t mode = GMM_IN_GUEST;

	if (sync_replace(&vcpu->mode, &mode, (uint32_t)GMM_EXITING) || mode == GMM_EXITING)
		host_ipi_send(__atomic_load_n(&vcpu->cpu, __ATOMIC_RELAXED), nothing, NULL, true);
}

void gmm_request_all(struct mmu_vm *vm, uint32_t requests)
{
	uint32_t nr = __atomic_load_n(&vm->nr_vcpus, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < nr; i++)
		sync_or(&vm->vcpu[i]->requests, requests);
	for (uint32_t i = 0; i < nr; i++)
		kick_and_wait(vm->vcpu[i]);
}

void gmm_flush(struct mmu_vm *vm)
{
	sync_add(&vm->remote_flushes, 1);
	gmm_request_all(vm, GMM_REQUEST_FLUSH);
}

bool gmm_enter_begin(struct mmu_vcpu *vcpu)
{
	uint32_t requests;

	host_preempt_disable();
	host_irq_disable();
	__atomic_store_n(&vcpu->cpu, host_cpu_self(), __ATOMIC_RELAXED);
	sync_exchange(&vcpu->mode, (uint32_t)GMM_IN_GUEST);
	requests = sync_or(&vcpu->requests, 0u);
	if ((requests & ~(uint32_t)GMM_REQUEST_FLUSH) || sync_load(&vcpu->kicked)) {
		gmm_enter_end(vcpu);
		return false;
	}
	if (requests & GMM_REQUEST_FLUSH) {
		/* Cleared first: a request that comes after this finds the vCPU in the guest, and interrupts it. */
		sync_and(&vcpu->requests, ~(uint32_t)GMM_REQUEST_FLUSH);
		flush_cpu(vcpu, MMU_FLUSH_ALL, MMU_NO_HPA);
	}
	/* The page of the root may have been another root's, whose translations bear the same tag. */
	if (vcpu->root_is_new)
		flush_cpu(vcpu, MMU_FLUSH_CURRENT, (mmu_hpa_t)vcpu->root->tree.root->pfn << MMU_PAGE_SHIFT);
	vcpu->root_is_new = false;
	return true;
}

void gmm_enter_end(struct mmu_vcpu *vcpu)
{
	sync_exchange(&vcpu->mode, (uint32_t)GMM_OUTSIDE);
	host_irq_enable();
	host_preempt_enable();
}
