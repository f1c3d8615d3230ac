// SPDX-License-Identifier: GPL-2.0-only
/*
 * inert.c - kernel services that KVM calls on paths we run, but whose effects nobody here can see: debugfs, the FPU,
 * perf, user-return notifiers, message printing.  Each says why nothing has to happen.
 */
#include <asm/e820/api.h>
#include <asm/fpu/api.h>
#include <asm/hypervisor.h>
#include <asm/reboot.h>
#include <asm/tsc.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/irq_work.h>
#include <linux/kobject.h>
#include <linux/mmu_notifier.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/pvclock_gtod.h>
#include <linux/reboot.h>
#include <linux/sched/mm.h>
#include <linux/set_memory.h>
#include <linux/syscore_ops.h>
#include <linux/user-return-notifier.h>
#if __has_include(<asm/virt.h>)
#include <asm/virt.h>
#endif

#include "shim.h"

/* no-op: the harness prints its own findings; what KVM says beside them would only bury those */
int _printk(const char *format, ...)
{
	return 0;
}

/* no-op: there is no debugfs; KVM ignores the failure */
struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return NULL;
}

/* no-op: as above */
struct dentry *debugfs_lookup(const char *name, struct dentry *parent)
{
	return NULL;
}

#if HAVE_DEBUGFS_CREATE_FILE_FULL
/* no-op: as above */
struct dentry *debugfs_create_file_full(const char *name, umode_t mode, struct dentry *parent, void *data,
					const void *aux, const struct file_operations *operations)
{
	return NULL;
}
#else
/* no-op: as above */
struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
				   const struct file_operations *operations)
{
	return NULL;
}
#endif

/* no-op: as above */
void debugfs_remove(struct dentry *dentry)
{
}

/* no-op: KVM then makes no directories at all */
bool debugfs_initialized(void)
{
	return false;
}

/* no-op: there is no udev */
int kobject_uevent_env(struct kobject *object, enum kobject_action action, char *environment[])
{
	return 0;
}

/* no-op: there is no udev */
int add_uevent_var(struct kobj_uevent_env *environment, const char *format, ...)
{
	return 0;
}

#if HAVE_REGISTER_SYSCORE
/* no-op: the machine never suspends */
void register_syscore(struct syscore *syscore)
{
}

/* no-op: the machine never suspends */
void unregister_syscore(struct syscore *syscore)
{
}
#else
/* no-op: the machine never suspends */
void register_syscore_ops(struct syscore_ops *operations)
{
}

/* no-op: the machine never suspends */
void unregister_syscore_ops(struct syscore_ops *operations)
{
}
#endif

/* no-op: there is no user space to return to */
void user_return_notifier_register(struct user_return_notifier *notifier)
{
}

/* no-op: there is no user space to return to */
void user_return_notifier_unregister(struct user_return_notifier *notifier)
{
}

/* no-op: the machine never reboots */
int register_reboot_notifier(struct notifier_block *block)
{
	return 0;
}

/* no-op: the machine never reboots */
int unregister_reboot_notifier(struct notifier_block *block)
{
	return 0;
}

/* modelled: memory is not encrypted */
int set_memory_decrypted(unsigned long address, int pages)
{
	return 0;
}

/* modelled: memory is not encrypted */
int set_memory_encrypted(unsigned long address, int pages)
{
	return 0;
}

/* no-op: guests read no clock */
int pvclock_gtod_register_notifier(struct notifier_block *block)
{
	return 0;
}

/* no-op: guests read no clock */
int pvclock_gtod_unregister_notifier(struct notifier_block *block)
{
	return 0;
}

/* no-op: there are no samples to attribute to a guest */
void perf_register_guest_info_callbacks(struct perf_guest_info_callbacks *callbacks)
{
}

/* no-op: there are no samples to attribute to a guest */
void perf_unregister_guest_info_callbacks(struct perf_guest_info_callbacks *callbacks)
{
}

/* modelled: a processor without performance counters */
void perf_get_x86_pmu_capability(struct x86_pmu_capability *capability)
{
	memset(capability, 0, sizeof(*capability));
}

/* modelled: a processor without performance counters */
u64 perf_get_hw_event_config(int event)
{
	return 0;
}

/* modelled: guests have no floating point state, but KVM asks whose is loaded */
bool fpu_alloc_guest_fpstate(struct fpu_guest *fpu)
{
	fpu->fpstate = host_alloc(sizeof(*fpu->fpstate), __alignof__(*fpu->fpstate), HOST_ALLOC_ZERO);
	return fpu->fpstate;
}

/* modelled: as above */
void fpu_free_guest_fpstate(struct fpu_guest *fpu)
{
	if (fpu->fpstate)
		host_free(fpu->fpstate);
	fpu->fpstate = NULL;
}

/* modelled: as above */
int fpu_swap_kvm_fpstate(struct fpu_guest *fpu, bool enter)
{
	fpu->fpstate->in_use = enter;
	return 0;
}

/* no-op: guests have no floating point state */
void switch_fpu_return(void)
{
}

/* no-op: guests have no floating point state */
void fpu_sync_guest_vmexit_xfd_state(void)
{
}

/* no-op: guests have no floating point state */
void fpstate_clear_xstate_component(struct fpstate *state, unsigned int feature)
{
}

/* modelled: no features beyond the baseline are permitted */
u64 xstate_get_guest_group_perm(void)
{
	return 0;
}

/* modelled: the time-stamp counter is sound */
int check_tsc_unstable(void)
{
	return 0;
}

/* modelled: the page-attribute table works */
bool pat_enabled(void)
{
	return true;
}

/* modelled: every page of the arena is write-back RAM */
bool pat_pfn_immune_to_uc_mtrr(unsigned long pfn)
{
	return false;
}

/* modelled: every page of the arena is RAM */
bool e820__mapped_raw_any(u64 start, u64 end, enum e820_type type)
{
	return true;
}

/* no-op: lockdep's model of memory reclaim; host_may_sleep() checks what matters */
void fs_reclaim_acquire(gfp_t gfp)
{
}

/* no-op: as above */
void fs_reclaim_release(gfp_t gfp)
{
}

/* real: what a static call without a target does */
long shim_static_call_nop(void)
{
	return 0;
}

/* no-op: interrupt work is only ever queued for the guest's performance counters */
void irq_work_sync(struct irq_work *work)
{
}

/* modelled: one thread a core */
bool cpu_smt_possible(void)
{
	return false;
}

/* no-op: the time-stamp counter is sound */
void mark_tsc_unstable(char *reason)
{
}

/* modelled: a processor that gather data sampling does not concern */
bool gds_ucode_mitigated(void)
{
	return true;
}

#if HAVE_X86_VIRT_EMERGENCY
/* no-op: nobody reboots the host in an emergency */
void x86_virt_register_emergency_callback(cpu_emergency_virt_cb *callback)
{
}

/* no-op: as above */
void x86_virt_unregister_emergency_callback(cpu_emergency_virt_cb *callback)
{
}
#elif HAVE_CPU_EMERGENCY
/* no-op: nobody reboots the host in an emergency */
void cpu_emergency_register_virt_callback(cpu_emergency_virt_cb *callback)
{
}

/* no-op: as above */
void cpu_emergency_unregister_virt_callback(cpu_emergency_virt_cb *callback)
{
}
#endif
