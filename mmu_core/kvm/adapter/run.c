// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - KVM_RUN, what it reports through struct kvm_run, and how it is interrupted.
 *
 * A kick is what a VMM does: it sets immediate_exit, which stops a KVM_RUN that has not started yet, and sends the
 * running thread a signal, which stops one that has.  The signal belongs to the thread, so it must not outlive its
 * KVM_RUN: other calls would return -EINTR for it.  kick_lock keeps the two ends apart.
 */
#include "adapter.h"

/* Newer trees rename the member for the kernel's own eyes, because userspace may change it at any time. */
static u8 *immediate_exit(struct mmu_vcpu *vcpu)
{
#ifdef HINT_UNSAFE_IN_KVM
	return &vcpu->run->HINT_UNSAFE_IN_KVM(immediate_exit);
#else
	return &vcpu->run->immediate_exit;
#endif
}

void adapter_run_begin(struct mmu_vcpu *vcpu)
{
	adapter_lock(&vcpu->kick_lock, &adapter_spin_class);
	HOST_ASSERT(!vcpu->runner);
	vcpu->runner = current;
	adapter_unlock(&vcpu->kick_lock);
}

/*
 * A kick that KVM_RUN did not see stays in immediate_exit for the next one.  Other calls do not look at it: what
 * interrupts them may be another signal, that of a memory failure.
 */
void adapter_run_end(struct mmu_vcpu *vcpu, bool interrupted)
{
	adapter_lock(&vcpu->kick_lock, &adapter_spin_class);
	shim_task_set_signal(vcpu->runner, false);
	vcpu->runner = NULL;
	if (interrupted)
		WRITE_ONCE(*immediate_exit(vcpu), 0);
	adapter_unlock(&vcpu->kick_lock);
}

void adapter_vcpu_kick(struct mmu_vcpu *vcpu)
{
	adapter_lock(&vcpu->kick_lock, &adapter_spin_class);
	WRITE_ONCE(*immediate_exit(vcpu), 1);
	if (vcpu->runner)
		shim_task_set_signal(vcpu->runner, true);
	adapter_unlock(&vcpu->kick_lock);
	kvm_vcpu_kick(vcpu->vcpu);
}

static void report_mmio(struct mmu_vcpu *vcpu, struct mmu_run *run)
{
	const struct kvm_run *kvm_run = vcpu->run;

	run->reason = MMU_RUN_MMIO;
	run->gpa = kvm_run->mmio.phys_addr;
	run->bytes = kvm_run->mmio.len;
	run->access = kvm_run->mmio.is_write ? MMU_WRITE : MMU_READ;
	HOST_ASSERT(run->bytes <= sizeof(run->value));
	if (kvm_run->mmio.is_write)
		memcpy(&run->value, kvm_run->mmio.data, run->bytes);
	vcpu->mmio_read_pending = !kvm_run->mmio.is_write;
}

/* KVM picks the value up when it completes the emulation at the start of the next KVM_RUN. */
static void answer_mmio(struct mmu_vcpu *vcpu, const struct mmu_run *run)
{
	if (!vcpu->mmio_read_pending)
		return;
	memcpy(vcpu->run->mmio.data, &run->value, vcpu->run->mmio.len);
	vcpu->mmio_read_pending = false;
}

#if HAVE_EXIT_MEMORY_FAULT
static void report_memory_fault(const struct kvm_run *kvm_run, struct mmu_run *run)
{
	run->reason = MMU_RUN_MEMORY_FAULT;
	run->gpa = kvm_run->memory_fault.gpa;
	run->bytes = kvm_run->memory_fault.size;
	if (kvm_run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE)
		run->access = MMU_PRIVATE;
}
#endif

static void report_exit(struct mmu_vcpu *vcpu, struct mmu_run *run)
{
	const struct kvm_run *kvm_run = vcpu->run;

	run->detail = kvm_run->exit_reason;
	switch (kvm_run->exit_reason) {
	case KVM_EXIT_MMIO:
		report_mmio(vcpu, run);
		break;
#if HAVE_EXIT_MEMORY_FAULT
	case KVM_EXIT_MEMORY_FAULT:
		report_memory_fault(kvm_run, run);
		break;
#endif
	case KVM_EXIT_DIRTY_RING_FULL:
		run->reason = MMU_RUN_DIRTY_RING_FULL;
		break;
	case KVM_EXIT_SHUTDOWN:
		run->reason = MMU_RUN_SHUTDOWN;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		run->reason = MMU_RUN_INTERNAL_ERROR;
		run->detail |= kvm_run->internal.suberror << 16;
		break;
	default:
		run->reason = MMU_RUN_OTHER;
		break;
	}
}

int adapter_vcpu_run(struct mmu_vcpu *vcpu, struct mmu_run *run)
{
	bool done;
	int err;

	adapter_enter(vcpu->vm);
	answer_mmio(vcpu, run);
	/* KVM leaves it alone when it fails, but for memory faults; it is not to be that of an earlier run. */
	WRITE_ONCE(vcpu->run->exit_reason, KVM_EXIT_UNKNOWN);
	adapter_run_begin(vcpu);
	err = shim_ioctl(vcpu->fd, KVM_RUN, 0);
	adapter_run_end(vcpu, err == -EINTR);

	*run = (struct mmu_run){ .reason = MMU_RUN_DONE };
	done = vendor_guest_done(vcpu->vcpu);
	if (err == -EINTR)
		run->reason = MMU_RUN_INTERRUPTED;
	else if (err == -EIO) /* a dead VM's struct kvm_run says what was before */
		run->reason = MMU_RUN_INTERNAL_ERROR;
	else if (err || !done)
		report_exit(vcpu, run);
	return err;
}
