// SPDX-License-Identifier: GPL-2.0-only
/*
 * cap.c - capabilities switched on while the VM lives, and what they change in the rules of the model.
 *
 * Locking: world.slots_lock, and every slot's dirty_lock: of a harvest and a change of its rules one comes first.
 * Source:  spec.md O-5; Documentation/virt/kvm/api.rst, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_DISABLE_QUIRKS2.
 */
#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

static void for_each_dirty_lock(struct world *world, void (*visit)(struct host_lock *lock))
{
	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id]) visit(&slot->dirty_lock);
	}
}

static void drop_initially_set(struct world *world)
{
	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id]) slot->initially_set_dropped = true;
	}
}

static void note(struct world *world, enum mmu_cap cap, uint64_t argument)
{
	struct mmu_vm_config *config = &world->vm_config;

	if (cap == MMU_CAP_MANUAL_DIRTY_LOG_PROTECT) {
		config->manual_dirty_protect = argument & MMU_DIRTY_MANUAL;
		config->dirty_initially_set = argument & MMU_DIRTY_INITIALLY_SET;
		if (!config->dirty_initially_set)
			drop_initially_set(world);
	} else if (cap == MMU_CAP_DIRTY_LOG_RING) {
		config->dirty_ring_bytes = (uint32_t)argument;
	} else if (cap == MMU_CAP_DISABLE_QUIRKS && (argument & MMU_QUIRK_SLOT_ZAP_ALL)) {
		config->quirk_slot_zap_all = false;
	}
}

int world_cap_enable(struct world *world, enum mmu_cap cap, uint64_t argument)
{
	struct refusal refusal = {
		.op = OP_cap_enable,
		.world = world,
		.exact = true,
		.cap = cap,
		.value = argument,
	};
	int error;

	world_lock(&world->slots_lock);
	for_each_dirty_lock(world, world_lock);
	refusal_begin(&refusal);
	model_op_begin(&world->model);
	error = world->core->cap_enable(world->vm, cap, argument);
	model_op_return(&world->model);
	refusal_end(&refusal, error);
	if (!error)
		note(world, cap, argument);
	for_each_dirty_lock(world, world_unlock);
	world_unlock(&world->slots_lock);
	return error;
}
