// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpu.c - what KVM asks about processors: which exist, what they can, and interrupts between them.
 *
 * Features are chosen, not read from the machine, so that a run means the same everywhere: a 64-bit processor with NX,
 * 1 GiB pages and nothing that KVM would save or restore around a guest.
 */
#include <asm/cpu_device_id.h>
#include <asm/processor.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/smp.h>

#include "shim.h"

/* real: bit i set when CPU i runs */
struct cpumask __cpu_online_mask;
/* real */
struct cpumask __cpu_possible_mask;
/* real */
atomic_t __num_online_cpus;
#if NR_CPUS > 1 && !defined(CONFIG_FORCE_NR_CPUS)
/* real */
unsigned int nr_cpu_ids = HOST_CPUS_MAX;
#endif
/* modelled: chosen features */
struct cpuinfo_x86 boot_cpu_data;
/* modelled: the same on every CPU */
DEFINE_PER_CPU_READ_MOSTLY(struct cpuinfo_x86, cpu_info);

static void set_features(struct cpuinfo_x86 *cpu, const struct mmu_core_config *config)
{
	static const u16 features[] = { X86_FEATURE_FPU,
					X86_FEATURE_MSR,
					X86_FEATURE_PAE,
					X86_FEATURE_PGE,
					X86_FEATURE_PSE,
					X86_FEATURE_PAT,
					X86_FEATURE_PSE36,
					X86_FEATURE_NX,
					X86_FEATURE_LM,
					X86_FEATURE_GBPAGES,
					X86_FEATURE_SYSCALL,
					X86_FEATURE_CX8,
					X86_FEATURE_CX16,
					X86_FEATURE_FXSR,
					X86_FEATURE_SMEP,
					X86_FEATURE_SMAP,
					X86_FEATURE_XMM,
					X86_FEATURE_XMM2,
					X86_FEATURE_ARCH_CAPABILITIES };

	cpu->x86_vendor = config->paging == MMU_PAGING_EPT ? X86_VENDOR_INTEL : X86_VENDOR_AMD;
	cpu->x86 = 6;
	cpu->cpuid_level = 0x16;
	cpu->extended_cpuid_level = 0x80000007; /* KVM would ask the real processor about leaf 8, its address width */
	cpu->x86_phys_bits = config->maxphyaddr;
	cpu->x86_cache_bits = config->maxphyaddr;
	cpu->x86_virt_bits = 48;
	for (unsigned int i = 0; i < ARRAY_SIZE(features); i++)
		set_cpu_cap(cpu, features[i]);
}

int shim_cpu_boot(const struct mmu_core_config *config)
{
	set_features(&boot_cpu_data, config);
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
		per_cpu(cpu_info, cpu) = boot_cpu_data;
	}
	return 0;
}

/* -------------------------------------------------------------------------------------------------------- hotplug */

#define HOTPLUG_MAX 4

static struct {
	enum cpuhp_state state;
	int (*startup)(unsigned int cpu);
	int (*teardown)(unsigned int cpu);
} hotplug[HOTPLUG_MAX];

/*
 * CPUs come and go under this lock, so a state is entered by each exactly once.  Sleeping and outermost: callbacks take
 * KVM's own locks.
 */
static struct host_lock hotplug_lock;
static const struct host_lock_class hotplug_class = { .name = "cpu hotplug", .sleeps = true };

/* KVM enables the virtualization hardware of a CPU from its hotplug state. */
static void run_as(unsigned int cpu, int (*function)(unsigned int cpu))
{
	unsigned int self = host_cpu_self();

	shim_percpu_load(cpu);
	function(cpu);
	shim_percpu_load(self);
}

/*
 * modelled: the callback of another CPU runs here with that CPU's per-cpu area.  Fine for KVM's, which touch nothing
 * else, and no guest of that CPU can run while KVM enables or disables virtualization.
 */
int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke, int (*startup)(unsigned int),
			int (*teardown)(unsigned int), bool multi)
{
	unsigned int slot, cpu;

	host_lock_acquire(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock, &hotplug_class);
	for (slot = 0; slot < HOTPLUG_MAX && (hotplug[slot].startup || hotplug[slot].teardown); slot++)
		;
	HOST_ASSERT(slot < HOTPLUG_MAX);
	hotplug[slot].state = state;
	hotplug[slot].startup = startup;
	hotplug[slot].teardown = teardown;
	if (invoke && startup)
		for_each_cpu(cpu, &__cpu_online_mask) run_as(cpu, startup);
	host_lock_release(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock);
	return 0;
}

/* modelled: as __cpuhp_setup_state() */
void __cpuhp_remove_state(enum cpuhp_state state, bool invoke)
{
	unsigned int slot, cpu;

	host_lock_acquire(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock, &hotplug_class);
	for (slot = 0; slot < HOTPLUG_MAX; slot++) {
		if (hotplug[slot].state != state || !hotplug[slot].teardown)
			continue;
		if (invoke)
			for_each_cpu(cpu, &__cpu_online_mask) run_as(cpu, hotplug[slot].teardown);
		hotplug[slot].startup = hotplug[slot].teardown = NULL;
	}
	host_lock_release(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock);
}

/* modelled: older kernels keep the state and enable each CPU with an interrupt instead */
int __cpuhp_setup_state_cpuslocked(enum cpuhp_state state, const char *name, bool invoke, int (*startup)(unsigned int),
				   int (*teardown)(unsigned int), bool multi)
{
	return __cpuhp_setup_state(state, name, invoke, startup, teardown, multi);
}

static int serialise_nothing(unsigned int cpu)
{
	return 0;
}

void shim_cpu_online(unsigned int cpu)
{
	shim_percpu_load(cpu);
	shim_task_begin(cpu);
	host_lock_acquire(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock, &hotplug_class);
	cpumask_set_cpu(cpu, &__cpu_online_mask);
	atomic_inc(&__num_online_cpus);
	for (unsigned int slot = 0; slot < HOTPLUG_MAX; slot++)
		(hotplug[slot].startup ?: serialise_nothing)(cpu);
	host_lock_release(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock);
}

void shim_cpu_offline(unsigned int cpu)
{
	host_lock_acquire(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock, &hotplug_class);
	for (unsigned int slot = HOTPLUG_MAX; slot-- > 0;)
		(hotplug[slot].teardown ?: serialise_nothing)(cpu);
	cpumask_clear_cpu(cpu, &__cpu_online_mask);
	atomic_dec(&__num_online_cpus);
	host_lock_release(&hotplug_lock, HOST_LOCK_EXCLUSIVE, &hotplug_lock);
}

/* no-op: the lock above serialises hotplug with the callbacks; KVM's readers only keep CPUs from leaving */
void cpus_read_lock(void)
{
}

/* no-op: as cpus_read_lock() */
void cpus_read_unlock(void)
{
}

/* ------------------------------------------------------------------------------------------------------ interrupts */

/* real: acknowledged only where the target takes interrupts; the caller is left out */
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t function, void *argument, bool wait)
{
	unsigned int self = host_cpu_self(), cpu;

	for_each_cpu_and(cpu, mask, &__cpu_online_mask) if (cpu != self) host_ipi_send(cpu, function, argument, wait);
}

/* real */
int smp_call_function_single(int cpu, smp_call_func_t function, void *argument, int wait)
{
	if (cpu == host_cpu_self()) {
		unsigned long flags;

		local_irq_save(flags);
		function(argument);
		local_irq_restore(flags);
		return 0;
	}
	if (!cpumask_test_cpu(cpu, &__cpu_online_mask))
		return -ENXIO;
	host_ipi_send(cpu, function, argument, wait);
	return 0;
}

/*
 * modelled: KVM's functions for every CPU work on per-cpu state and are called when no guest runs, so each runs here
 * with the other CPU's per-cpu area.
 */
void on_each_cpu_cond_mask(smp_cond_func_t condition, smp_call_func_t function, void *argument, bool wait,
			   const struct cpumask *mask)
{
	unsigned int self = host_cpu_self(), cpu;
	unsigned long flags;

	for_each_cpu_and(cpu, mask, &__cpu_online_mask)
	{
		if (condition && !condition(cpu, argument))
			continue;
		local_irq_save(flags);
		shim_percpu_load(cpu);
		function(argument);
		shim_percpu_load(self);
		local_irq_restore(flags);
	}
}

static void kick_cpu(int cpu)
{
	host_ipi_send(cpu, NULL, NULL, false);
}

/* real: a reschedule interrupt makes a guest exit and does nothing else */
struct smp_ops smp_ops = { .smp_send_reschedule = kick_cpu };

/* real */
const struct x86_cpu_id *x86_match_cpu(const struct x86_cpu_id *match)
{
	return NULL;
}
