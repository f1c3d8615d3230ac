// SPDX-License-Identifier: GPL-2.0-only
/* boot.c - brings the kernel around KVM up, in order, and checks that what compiles silently also works. */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/xarray.h>

#include "shim.h"

/* real: the direct map is the arena, vmemmap the host's array of per-pfn bytes */
unsigned long page_offset_base = HOST_ARENA_BASE;
/* real */
unsigned long vmemmap_base = HOST_VMEMMAP_BASE;
/* real: the image is not relocated */
unsigned long phys_base;
/* real */
enum system_states system_state = SYSTEM_RUNNING;
/* real */
int oops_in_progress;

extern initcall_entry_t shim_initcalls_start[], shim_initcalls_end[];

static const struct host_core_hooks hooks = {
	.cpu_online = shim_cpu_online,
	.cpu_offline = shim_cpu_offline,
	.trap = shim_trap,
};

/* KVM's own module_init(), and whatever else the linked files want at start. */
static int run_initcalls(void)
{
	for (initcall_entry_t *entry = shim_initcalls_start; entry < shim_initcalls_end; entry++) {
		int error = initcall_from_entry(entry)();

		if (error)
			return error;
	}
	return 0;
}

static void do_nothing(struct host_rcu_head *head)
{
}

/*
 * The host's CPUs that run callbacks come online with the first of them.  Let that be now: later it could be while a VM
 * goes away, and a CPU that comes online walks the list of VMs without its lock (docs/FINDINGS.md, vm_list).
 */
static void bring_all_online(void)
{
	struct host_srcu *srcu = host_srcu_create();
	struct host_rcu_head head;

	host_rcu_barrier();
	if (!srcu)
		return;
	host_srcu_call(srcu, &head, do_nothing);
	host_srcu_barrier(srcu);
	host_srcu_destroy(srcu);
}

int shim_boot(const struct mmu_core_config *config)
{
	int error;

	shim_percpu_boot();
	shim_percpu_load(host_cpu_self());
	shim_tasks_boot();
	shim_task_begin(host_cpu_self());
	shim_cpu_boot(config);
	shim_sections_boot();
	host_set_page_lifetime(&shim_page_lifetime);
	host_set_core_hooks(&hooks);
	shim_time_tick();
	radix_tree_init();
	error = run_initcalls();
	if (!error)
		bring_all_online();
	return error;
}

/* ------------------------------------------------------------------------------------------------------ self-tests */

static struct host_report seen;
static unsigned int seen_count;

static void remember(const struct host_report *report)
{
	seen = *report;
	seen_count++;
}

static bool warn_reaches_reporter(void)
{
	unsigned int before = seen_count;

	for (int i = 0; i < 2; i++)
		WARN_ONCE(1, "self-test %d", 42);
	return seen_count == before + 1 && seen.class == HOST_REPORT_WARN;
}

static bool preemption_counts(void)
{
	bool off, rcu;

	if (preempt_count())
		return false;
	preempt_disable();
	off = preempt_count() == 1;
	rcu = rcu_read_lock_held();
	preempt_enable();
	return off && rcu && !preempt_count() && !rcu_read_lock_held();
}

static bool locks_are_seen(void)
{
	static DEFINE_MUTEX(mutex);
	static DEFINE_RWLOCK(rwlock);
	bool held;

	mutex_lock(&mutex);
	read_lock(&rwlock);
	held = lockdep_is_held(&mutex) && lockdep_is_held(&rwlock) && !lockdep_is_held_type(&rwlock, 0);
	read_unlock(&rwlock);
	mutex_unlock(&mutex);
	return held && !lockdep_is_held(&mutex) && !lockdep_is_held(&rwlock);
}

static bool direct_map_works(void)
{
	unsigned long address = __get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	struct page *page = virt_to_page((void *)address);
	bool ok = page_address(page) == (void *)address && __va(__pa(address)) == (void *)address &&
		  page_count(page) == 1;

	free_page(address);
	return ok;
}

static const struct {
	const char *what;
	bool (*holds)(void);
} self_tests[] = {
	{ "a WARN_ONCE reaches the reporter, once", warn_reaches_reporter },
	{ "preempt_disable() counts and makes an RCU reader", preemption_counts },
	{ "lockdep_is_held() knows what is held", locks_are_seen },
	{ "the direct map is the arena", direct_map_works },
};

void shim_self_test(void)
{
	host_reporter previous = host_set_reporter(remember);

	for (unsigned int i = 0; i < ARRAY_SIZE(self_tests); i++)
		if (!self_tests[i].holds())
			host_assert_failed("mmu_core/kvm/shim/boot.c", i, self_tests[i].what);
	host_set_reporter(previous);
}
