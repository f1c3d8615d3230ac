/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kvm_core.h - what the three parts of the kvm core ask of each other.  Kernel world only.
 *
 *   shim/     the kernel that KVM runs in: locks, RCU, memory, files, tasks, CPUs, supplied at link time
 *   vendor/   the simulated CPU's kernel side, a third vendor module beside VMX and SVM
 *   adapter/  fills struct mmu_core_ops by calling KVM through its own doors (ioctls, notifiers)
 */
#ifndef MMU_CORE_KVM_KVM_CORE_H
#define MMU_CORE_KVM_KVM_CORE_H

#include <linux/kvm_host.h>

#include "mmu_core/core.h"

/* ---------------------------------------------------------------------------------------------------------- shim/ */

/*
 * Brings the kernel up on CPU 0: per-cpu areas, CPU features, direct map, tasks, work queues.  Then the vendor module
 * may load.  0 or -errno.
 */
int shim_boot(const struct mmu_core_config *config);

/* Known-answer tests of what would compile silently and be wrong; a failure is a harness assertion. */
void shim_self_test(void);

/* Files, by descriptors of the shim's own table (not the process's). -errno as the kernel would give it. */
int shim_open_kvm(void); /* /dev/kvm, as registered by misc_register() */
struct file *shim_file(int fd); /* no reference taken; NULL */
long shim_ioctl(int fd, unsigned int command, unsigned long argument);
long shim_fallocate(int fd, int mode, loff_t offset, loff_t bytes);
long shim_memory_failure(int fd, unsigned long index); /* of a page in the page cache; -ENOENT: there is none */
void shim_close(int fd); /* returns after a delayed ->release has run */
void shim_files_settle(void); /* releases the files whose last reference this CPU has dropped; the calls above do */
void *shim_map_page(int fd, unsigned long pgoff); /* what mmap() would show at that page, through ->fault; NULL */

/* The kernel's view of a host mm; one struct mm_struct each, made on first use, gone with shim_mm_put(). */
struct mm_struct *shim_mm_get(struct host_mm *mm);
void shim_mm_put(struct host_mm *mm);

/* Of the running task: the process it belongs to, and whether a signal waits (makes KVM_RUN return -EINTR). */
void shim_task_set_mm(struct mm_struct *mm);
struct task_struct *shim_task_of_cpu(unsigned int cpu);
void shim_task_set_signal(struct task_struct *task, bool pending);

/* A module parameter of KVM as sysfs would set it: "nx_huge_pages", "force".  -ENOENT: no such parameter. */
int shim_param_set(const char *name, const char *value);

/* Returns once every kernel thread of KVM has gone to sleep. */
void shim_workers_settle(void);

/* Runs every registered shrinker of KVM once.  Objects freed; -EOPNOTSUPP: KVM registered none. */
long shim_shrink(unsigned long count);

/* -------------------------------------------------------------------------------------------------------- vendor/ */

/* Fills kvm_x86_ops and registers with KVM (kvm_x86_vendor_init, kvm_init); 0 or -errno. */
int vendor_init(const struct mmu_core_config *config);

/* Which simulated CPU runs this vCPU.  Call before its first KVM_RUN. */
void vendor_bind(struct kvm_vcpu *vcpu, const struct mmu_guest_ops *ops, void *guest);

/* From the adapter's vcpu_run(): what the guest did that KVM_RUN does not report through struct kvm_run. */
bool vendor_guest_done(struct kvm_vcpu *vcpu); /* and forgets it */

/* Saboteur: while off, flush ops of the vendor no longer reach the simulated CPU. */
void vendor_set_flushes(bool on);

/* The error code of a fault, as the vendor's exit handler builds it. */
u64 vendor_error_code(u32 access, u32 allowed);

/* -------------------------------------------------------------------------------------------------------- compat.h */

/* Generated for each tree from probes.list: HAVE_* macros, 1 or 0. */
#include "generated/kvm_core_compat.h"

#endif
