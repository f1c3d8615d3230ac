// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy.c - KVM's knobs: the NX huge-page mitigation and its recovery worker, page limits, the shrinker.
 *
 * Module parameters belong to the whole module, so they are set under one lock, as sysfs does it.
 */
#include "adapter.h"

#define RECOVERY_NEVER_MS "3600000"
#define RECOVERY_NOW_MS "1"
#define RECOVERY_WAIT_NS 1000000
#define RECOVERY_WAITS_MAX 20

static struct host_lock param_lock;
static char pass_timer; /* only its address counts: nobody wakes who waits on it */

static int param_set(const char *name, const char *value)
{
	int err;

	adapter_lock(&param_lock, &adapter_mutex_class);
	err = shim_param_set(name, value);
	adapter_unlock(&param_lock);
	return err;
}

int adapter_nx_set(enum mmu_nx_mode mode)
{
	static const char *const words[] = {
		[MMU_NX_OFF] = "off",
		[MMU_NX_FORCE] = "force",
		[MMU_NX_AUTO] = "auto",
	};

	HOST_ASSERT((unsigned int)mode < ARRAY_SIZE(words));
	return param_set("nx_huge_pages", words[mode]);
}

int adapter_eager_split_set(bool on)
{
	return param_set("eager_page_split", on ? "Y" : "N");
}

/* A recovery pass takes every split page, and comes when adapter_nx_recover() asks for it. */
int adapter_policy_init(const struct mmu_core_config *config)
{
	int err;

	err = param_set("nx_huge_pages_recovery_ratio", "1");
	if (!err)
		err = param_set("nx_huge_pages_recovery_period_ms", RECOVERY_NEVER_MS);
	if (!err)
		err = adapter_eager_split_set(config->eager_split);
	if (!err)
		err = adapter_nx_set(config->nx_huge_pages ? MMU_NX_FORCE : MMU_NX_OFF);
	return err;
}

/* A pass takes all splits, so a count that has not gone down means that there was none yet. */
static void wait_for_pass(const struct kvm *kvm, u64 splits_before)
{
	unsigned int waits;

	for (waits = 0; waits < RECOVERY_WAITS_MAX; waits++) {
		uint32_t key = host_event_key(&pass_timer);

		if (READ_ONCE(kvm->stat.nx_lpage_splits) < splits_before)
			return;
		host_event_wait(&pass_timer, key, RECOVERY_WAIT_NS);
	}
}

/*
 * Shortening the period makes KVM wake the workers of all VMs; it is made long again once this VM's worker has been at
 * work, so that a pass stays an event of the scenario instead of a timer's.  The pass is over on return, so that no
 * worker is at work when nothing is in flight.
 */
int adapter_nx_recover(struct mmu_vm *vm)
{
	u64 splits = READ_ONCE(vm->kvm->stat.nx_lpage_splits);
	int err;

	if (!splits)
		return 0;
	adapter_enter(vm);
	err = param_set("nx_huge_pages_recovery_period_ms", RECOVERY_NOW_MS);
	if (err)
		return err;
	wait_for_pass(vm->kvm, splits);
	err = param_set("nx_huge_pages_recovery_period_ms", RECOVERY_NEVER_MS);
	shim_workers_settle();
	return err;
}

int adapter_pages_limit(struct mmu_vm *vm, uint64_t npages)
{
	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_SET_NR_MMU_PAGES, npages);
}

int adapter_shrink(unsigned long count)
{
	return shim_shrink(count);
}
