// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy.c - knobs: of one VM (capabilities), and of all of them (the NX mitigation, eager splitting).
 *
 * Source: spec.md O-5, O-6, O-80 to O-83.
 */
#include <errno.h>

#include "adapter/adapter.h"
#include "sync.h"

#define RING_BYTES_MIN 4096
#define RING_BYTES_MAX (65536 * sizeof(struct gmm_ring_entry))
#define PAGES_MIN 64
#define QUIRKS_KNOWN ((uint64_t)0x7ff) /* all but SLOT_ZAP_ALL are about things that are not here */

static const struct host_lock_class vms_class = { .name = "reference VMs", .rank = 5, .sleeps = true };
static struct host_lock vms_lock;
static struct mmu_vm *vms;

void reference_vms_add(struct mmu_vm *vm)
{
	gmm_lock(&vms_lock, &vms_class);
	vm->next = vms;
	vms = vm;
	gmm_unlock(&vms_lock);
}

void reference_vms_remove(struct mmu_vm *vm)
{
	struct mmu_vm **link;

	gmm_lock(&vms_lock, &vms_class);
	for (link = &vms; *link != vm; link = &(*link)->next)
		;
	*link = vm->next;
	gmm_unlock(&vms_lock);
}

static int enable_manual(struct mmu_vm *vm, uint64_t argument)
{
	uint64_t allowed = argument & MMU_DIRTY_MANUAL ? MMU_DIRTY_MANUAL | MMU_DIRTY_INITIALLY_SET : 0;

	if (argument & ~allowed)
		return -EINVAL;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	vm->vm_config.manual_dirty_protect = argument & MMU_DIRTY_MANUAL;
	vm->vm_config.dirty_initially_set = argument & MMU_DIRTY_INITIALLY_SET;
	gmm_unlock(&vm->slots_lock);
	return 0;
}

/* The ring's size is a 32-bit number. */
static int enable_ring(struct mmu_vm *vm, uint64_t argument)
{
	uint32_t bytes = (uint32_t)argument;
	int error = 0;

	if (bytes < RING_BYTES_MIN || (bytes & (bytes - 1)))
		return -EINVAL;
	if (bytes > RING_BYTES_MAX)
		return -E2BIG;
	gmm_lock(&vm->lock, &gmm_vm_class);
	if (vm->vm_config.dirty_ring_bytes || vm->nr_vcpus)
		error = -EINVAL;
	else
		vm->vm_config.dirty_ring_bytes = bytes;
	gmm_unlock(&vm->lock);
	return error;
}

static int disable_nx(struct mmu_vm *vm, uint64_t argument)
{
	int error = 0;

	gmm_lock(&vm->lock, &gmm_vm_class);
	if (argument || vm->nr_vcpus)
		error = -EINVAL;
	else
		vm->nx_disabled = true;
	gmm_unlock(&vm->lock);
	return error;
}

static int disable_quirks(struct mmu_vm *vm, uint64_t argument)
{
	if (argument & ~QUIRKS_KNOWN)
		return -EINVAL;
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	if (argument & MMU_QUIRK_SLOT_ZAP_ALL)
		vm->vm_config.quirk_slot_zap_all = false;
	gmm_unlock(&vm->slots_lock);
	return 0;
}

int reference_cap_enable(struct mmu_vm *vm, enum mmu_cap cap, uint64_t argument)
{
	if (reference_is_dead(vm))
		return -EIO;
	switch (cap) {
	case MMU_CAP_MANUAL_DIRTY_LOG_PROTECT:
		return enable_manual(vm, argument);
	case MMU_CAP_DIRTY_LOG_RING:
		return enable_ring(vm, argument);
	case MMU_CAP_DISABLE_NX_HUGE_PAGES:
		return disable_nx(vm, argument);
	case MMU_CAP_DISABLE_QUIRKS:
		return disable_quirks(vm, argument);
	case MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP: /* other architectures' */
	case MMU_CAPS:
		break;
	}
	return -EINVAL;
}

/* What is mapped was mapped under the other rule: all VMs start over. */
int reference_nx_set(enum mmu_nx_mode mode)
{
	bool on = mode == MMU_NX_FORCE; /* auto: the simulated CPU does not have the bug */

	gmm_lock(&vms_lock, &vms_class);
	if (sync_exchange(&x86_nx_huge_pages, on) != on) {
		for (struct mmu_vm *vm = vms; vm; vm = vm->next) {
			gmm_lock(&vm->slots_lock, &gmm_slots_class);
			gmm_zap_all_fast(vm);
			gmm_unlock(&vm->slots_lock);
		}
	}
	gmm_unlock(&vms_lock);
	return 0;
}

int reference_eager_split_set(bool on)
{
	sync_store(&gmm_eager_split, on);
	return 0;
}

int reference_nx_recover(struct mmu_vm *vm)
{
	x86_nx_recover(vm);
	return 0;
}

/* The limit is for shadow paging; tables of direct roots are never taken away to save memory. */
int reference_pages_limit(struct mmu_vm *vm, uint64_t npages)
{
	if (reference_is_dead(vm))
		return -EIO;
	return npages < PAGES_MIN ? -EINVAL : 0;
}

int reference_shrink(unsigned long count)
{
	(void)count;
	return -EOPNOTSUPP;
}
