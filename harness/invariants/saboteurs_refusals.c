// SPDX-License-Identifier: GPL-2.0-only
/* saboteurs_refusals.c - saboteurs of the rules about refusals: a core that refuses badly, a model that was misled. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

/* The core that is spoilt, and the same with one operation of ours. */
static const struct mmu_core_ops *honest;
static struct mmu_core_ops dishonest;

static int refuse_and_change(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	int result = honest->slot_set(vm, request);

	honest->spoil(vm, MMU_SPOIL_COUNTER, MMU_COUNTER_SLOT_PAGES, 1);
	return result;
}

static int spoil_l7(struct sabotage *sabotage)
{
	struct world *world = sabotage->world;
	int error;

	honest = world->core;
	dishonest = *honest;
	dishonest.slot_set = refuse_and_change;
	world->core = &dishonest;
	world->alone = true;
	world->digest_every = 1;
	error = world_slot_delete(world, 0, HUGE_SLOT + 1);
	world->core = honest;
	return error == -EINVAL ? 0 : -EIO;
}

/* The model believes that rings are in use, so that there is no log to read. */
static int spoil_l10(struct sabotage *sabotage)
{
	int error;

	sabotage->world->vm_config.dirty_ring_bytes = MMU_PAGE_SIZE;
	error = world_dirty_get(sabotage->world, 0, SMALL_SLOT, NULL);
	sabotage->world->vm_config.dirty_ring_bytes = 0;
	return error;
}

const struct saboteur saboteur_L7 = { build_plain, spoil_l7, .companion = INVARIANTS };
const struct saboteur saboteur_L10 = { build_logged, spoil_l10, .companion = INVARIANTS };
