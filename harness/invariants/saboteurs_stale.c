// SPDX-License-Identifier: GPL-2.0-only
/*
 * saboteurs_stale.c - saboteurs of stale.c and of the simulated CPU's use checks: groups Z and T.
 *
 * Stale entries are made by putting back the word that the core has just zapped; stale translations by keeping the
 * core's flushes from the CPU.
 */
#include <errno.h>

#include "harness/invariants/saboteur.h"

static int map_of(struct sabotage *sabotage, gfn_t gfn, struct mmu_entry *leaf)
{
	return find_leaf(sabotage, gfn, leaf) ? 0 : -ENOENT;
}

/* Two pages of one slot, exchanged in one of the leafs. */
static int spoil_z1(struct sabotage *sabotage)
{
	struct mmu_entry leaf, other;
	int err = map_of(sabotage, SMALL_GFN, &leaf);

	if (!err)
		err = map_of(sabotage, SMALL_GFN + 1, &other);
	return err ? err : spoil_entry(sabotage, &leaf, with_pfn(leaf.raw, other.pfn));
}

static int spoil_z2(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = map_of(sabotage, SMALL_GFN, &leaf);
	int window;

	if (err)
		return err;
	window = world_host_window_open(sabotage->world, SMALL_HVA, 1);
	if (window < 0)
		return window;
	err = plant_leaf(sabotage, leaf.address, leaf.level, leaf.raw);
	if (!err)
		invariants_audit(sabotage->world);
	undo_all(sabotage);
	world_host_window_close(sabotage->world, window);
	return err;
}

/* One leaf more than the slot has pages. */
static int spoil_z3(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = map_of(sabotage, SMALL_GFN, &leaf);

	if (err)
		return err;
	return plant_leaf(sabotage, leaf.address + (HOLE_GFN - SMALL_GFN) * sizeof(uint64_t), leaf.level, leaf.raw);
}

/* The model has been told of a conversion, the core has not. */
static int spoil_z4(struct sabotage *sabotage)
{
	model_attribute_set(&sabotage->world->model, SMALL_GFN + 8, MODEL_PRIVATE);
	return 0;
}

static void restore_z4(struct sabotage *sabotage)
{
	model_attribute_set(&sabotage->world->model, SMALL_GFN + 8, 0);
}

static int spoil_z5(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = map_of(sabotage, SMALL_GFN, &leaf);

	if (!err)
		err = world_gmem_punch(sabotage->world, sabotage->gmem, 0, MMU_PAGE_SIZE);
	return err ? err : plant_leaf(sabotage, leaf.address, leaf.level, leaf.raw);
}

/* The process dies before its VM.  What is put into the root afterwards need not make sense: nothing may be there. */
static int spoil_z6(struct sabotage *sabotage)
{
	struct mmu_table root;
	struct mmu_entry leaf;
	int err = map_of(sabotage, SMALL_GFN, &leaf);

	if (err)
		return err;
	world_process_exit(sabotage->world);
	if (invariants_after_release(sabotage->world))
		return -EIO;
	if (!find_root(sabotage, 0, &root))
		return -ENOENT;
	err = spoil_entry(sabotage, &(struct mmu_entry){ .address = root.pfn << MMU_PAGE_SHIFT, .raw = 0 }, leaf.raw);
	if (!err)
		invariants_after_release(sabotage->world);
	return err;
}

static int spoil_z8(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = map_of(sabotage, SMALL_GFN, &leaf);

	if (err)
		return err;
	world_host_unmap(sabotage->world, SMALL_HVA, 1);
	return plant_leaf(sabotage, leaf.address, leaf.level, leaf.raw);
}

/* ----------------------------------------------------------------------------------------------- missing flushes */

static int flushes_off(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_FLUSH_OFF, 0, 1);
}

static int spoil_t1(struct sabotage *sabotage)
{
	int err = flushes_off(sabotage);

	if (err)
		return err;
	world_host_unmap(sabotage->world, SMALL_HVA, 1);
	err = touch(sabotage, SMALL_GFN, MMU_READ);
	undo_all(sabotage);
	return err;
}

/* An instruction fetch from a huge page, with the mitigation on, is served by a table that recovery zaps later. */
static int build_nx_split(struct sabotage *sabotage)
{
	int err = sabotage->core->nx_set(MMU_NX_FORCE);

	if (!err)
		err = build_plain(sabotage);
	return err ? err : touch(sabotage, HUGE_GFN + 1, MMU_EXEC);
}

/*
 * Recovery has a thread of its own.  It is given time to end, and a window takes the lock that it held, so that its
 * writes come before the count is read.
 */
static int wait_for_recovery(struct sabotage *sabotage)
{
	for (int i = 0; i < 100; i++) {
		uint32_t key = host_event_key(sabotage);
		int window;

		host_event_wait(sabotage, key, 100 * 1000 * 1000);
		window = world_host_window_open(sabotage->world, SMALL_HVA, 1);
		if (window < 0)
			return window;
		world_host_window_close(sabotage->world, window);
		if (!sabotage->core->counter(sabotage->world->vm, MMU_COUNTER_NX_LIST))
			return 0;
	}
	return -ETIMEDOUT;
}

/* Another page of the same frame: the paging-structure cache knows its table, the TLB does not know the page. */
static int spoil_t3(struct sabotage *sabotage)
{
	int err;

	if (!sabotage->core->counter(sabotage->world->vm, MMU_COUNTER_NX_LIST))
		return -EOPNOTSUPP;
	err = flushes_off(sabotage);
	if (!err)
		err = world_nx_recover(sabotage->world);
	if (!err)
		err = wait_for_recovery(sabotage);
	if (err)
		return err;
	host_rcu_barrier();
	err = touch(sabotage, HUGE_GFN + 2, MMU_READ);
	undo_all(sabotage);
	return err;
}

static int spoil_t4(struct sabotage *sabotage)
{
	int err = flushes_off(sabotage);

	if (!err)
		err = world_slot_set_flags(sabotage->world, 0, SMALL_SLOT, MMU_SLOT_LOG_DIRTY);
	if (!err)
		err = touch(sabotage, SMALL_GFN, MMU_WRITE);
	undo_all(sabotage);
	return err;
}

/* Another slot goes away, and with it, for this VM type and quirk, every root. */
static int spoil_t6(struct sabotage *sabotage)
{
	int err = flushes_off(sabotage);

	if (!err)
		err = world_slot_delete(sabotage->world, 0, HUGE_SLOT);
	if (!err)
		err = touch(sabotage, SMALL_GFN, MMU_READ);
	undo_all(sabotage);
	return err;
}

const struct saboteur saboteur_Z1 = { build_plain, spoil_z1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_Z2 = { build_plain, spoil_z2, .companion = INVARIANTS };
const struct saboteur saboteur_Z3 = { build_plain, spoil_z3, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_Z4 = { build_private, spoil_z4, restore_z4, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_Z5 = { build_private, spoil_z5, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_Z6 = { build_plain, spoil_z6, .companion = INVARIANTS };
const struct saboteur saboteur_Z8 = { build_plain, spoil_z8, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_T1 = { build_plain, spoil_t1, .companion = INVARIANTS };
const struct saboteur saboteur_T3 = { build_nx_split, spoil_t3, .companion = INVARIANTS };
const struct saboteur saboteur_T4 = { build_plain, spoil_t4, .companion = INVARIANTS };
const struct saboteur saboteur_T6 = { build_plain, spoil_t6, .companion = INVARIANTS };
