// SPDX-License-Identifier: GPL-2.0-only
/* saboteurs_tables.c - saboteurs of tables.c, roots.c, slots.c, nx.c and protocol.c: groups H, R, M, N and L. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

#define ROLE_OTHER (1u << 13) /* in no kernel the level, the invalid mark or the address space (spec.md S3.1) */
#define ROLE_SMM (1u << 24)

/* The tables of level 1 below the two slots. */
static int small_table(struct sabotage *sabotage, mmu_pfn_t *pfn)
{
	struct mmu_entry entry;

	if (!find_entry(sabotage, SMALL_GFN, MMU_LEVEL_2M, &entry) || entry.kind != MMU_ENTRY_TABLE)
		return -ENOENT;
	*pfn = entry.pfn;
	return 0;
}

static int spoil_small_table(struct sabotage *sabotage, enum mmu_spoil what, uint64_t value)
{
	mmu_pfn_t pfn;
	int err = small_table(sabotage, &pfn);

	return err ? err : spoil(sabotage, what, pfn, value);
}

static int spoil_h1(struct sabotage *sabotage)
{
	return spoil_small_table(sabotage, MMU_SPOIL_TABLE_PARENT, 1);
}

/* A sibling of level 1: a page of the hole behind the huge slot has been touched for it. */
static int build_two_tables(struct sabotage *sabotage)
{
	int err = build_plain(sabotage);

	return err ? err : touch(sabotage, HUGE_GFN + HUGE_NPAGES, MMU_READ);
}

static int spoil_h3(struct sabotage *sabotage)
{
	struct mmu_entry other;

	if (!find_entry(sabotage, HUGE_GFN + HUGE_NPAGES, MMU_LEVEL_2M, &other) || other.kind != MMU_ENTRY_TABLE)
		return -ENOENT;
	return spoil_small_table(sabotage, MMU_SPOIL_TABLE_HEADER, other.pfn);
}

static int spoil_h4(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_TDP_PAGES, 1);
}

static int spoil_h5(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_LEAFS_4K, 1);
}

/* -------------------------------------------------------------------------------------------------------- roots */

static int spoil_root(struct sabotage *sabotage, unsigned int as_id, enum mmu_spoil what, uint64_t value)
{
	struct mmu_table root;

	if (!find_root(sabotage, as_id, &root))
		return -ENOENT;
	return spoil(sabotage, what, root.pfn, value);
}

static int spoil_r2(struct sabotage *sabotage)
{
	struct mmu_table root;

	if (!find_root(sabotage, 0, &root))
		return -ENOENT;
	return spoil(sabotage, MMU_SPOIL_ROOT_COUNT, root.pfn, -(uint64_t)root.root_count);
}

static bool next_rsm(void *context, struct guest_access *access)
{
	bool *given = context;

	if (*given)
		return false;
	*given = true;
	*access = (struct guest_access){ .step = GUEST_RSM };
	return true;
}

/* Into SMM and out again: the root of address space 1 stays, empty and loaded by nobody. */
static int build_two_roots(struct sabotage *sabotage)
{
	bool given = false;
	const struct access_source rsm = { .next = next_rsm, .context = &given };
	int err = world_for(sabotage, MMU_VM_DEFAULT);

	if (err)
		return err;
	if (sabotage->world->address_spaces < 2)
		return -EOPNOTSUPP;
	err = add_slots(sabotage, 0, 0);
	/* SMRAM: the state that SMI saves at SMBASE + 0xfe00 and RSM reads (spec.md S0.8). */
	if (!err)
		err = world_slot_create(sabotage->world, 1, SMALL_SLOT, 0x30, 0x20, SMALL_HVA, 0);
	if (!err)
		err = touch(sabotage, SMALL_GFN, MMU_READ | MMU_WRITE);
	if (!err)
		err = world_smi(sabotage->world->vcpu[0]);
	return err ? err : world_vcpu_run_program(sabotage->world->vcpu[0], &rsm, false);
}

static int spoil_r3(struct sabotage *sabotage)
{
	struct mmu_table normal, smm;

	if (!find_root(sabotage, 0, &normal) || !find_root(sabotage, 1, &smm))
		return -ENOENT;
	return spoil(sabotage, MMU_SPOIL_TABLE_ROLE, smm.pfn, normal.role ^ smm.role);
}

static int spoil_r6(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_VCPU_ROLE, 0, ROLE_OTHER);
}

static int spoil_r7(struct sabotage *sabotage)
{
	return spoil_small_table(sabotage, MMU_SPOIL_TABLE_ROLE, ROLE_OTHER);
}

static int spoil_r10(struct sabotage *sabotage)
{
	return spoil_root(sabotage, 0, MMU_SPOIL_ROOT_INVALID, 0);
}

/* An empty root that the vCPU has loaded says that it is the other address space's, and the vCPU agrees. */
static int spoil_r12(struct sabotage *sabotage)
{
	int err = spoil_root(sabotage, 0, MMU_SPOIL_TABLE_ROLE, ROLE_SMM);

	return err ? err : spoil(sabotage, MMU_SPOIL_VCPU_ROLE, 0, ROLE_SMM);
}

/* -------------------------------------------------------------------------------------------------------- slots */

static int spoil_m1(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_SLOT_PAGES, 1);
}

static int spoil_m2(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_GENERATION, 0, 1);
}

static int spoil_m3(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_SLOT_FLAG_INVALID, SMALL_SLOT, 0);
}

/* ----------------------------------------------------------------------------------------- NX splits, the protocol */

static int spoil_n1(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_NX_SPLITS, 1);
}

static int spoil_l1(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_INVALIDATE_IN_PROGRESS, 1);
}

static int build_nothing(struct sabotage *sabotage)
{
	return world_for(sabotage, MMU_VM_DEFAULT);
}

/* Two locks in the wrong order; the report is the host's. */
static int spoil_l3(struct sabotage *sabotage)
{
	static const struct host_lock_class inner = { .name = "saboteur's inner lock", .rank = 1001 };
	static const struct host_lock_class outer = { .name = "saboteur's outer lock", .rank = 1000 };
	struct host_lock first = { 0 };
	struct host_lock second = { 0 };

	host_lock_acquire(&first, HOST_LOCK_EXCLUSIVE, &first, &inner);
	host_lock_acquire(&second, HOST_LOCK_EXCLUSIVE, &second, &outer);
	host_lock_release(&second, HOST_LOCK_EXCLUSIVE, &second);
	host_lock_release(&first, HOST_LOCK_EXCLUSIVE, &first);
	return 0;
}

/* Ends a guest that gets nowhere, once that has been noticed; gives up after ten seconds. */
static void kick_when_noticed(void *argument)
{
	struct sabotage *sabotage = argument;

	for (int i = 0; i < 1000 && !finding_count_of(INV_L5); i++) {
		uint32_t key = host_event_key(sabotage);

		host_event_wait(sabotage, key, 10 * 1000 * 1000);
	}
	world_vcpu_kick(sabotage->world->vcpu[0]);
}

/*
 * Hardware may not write through the entry above, and the core, which looks at leafs only, sees nothing to do.  The
 * page has not been touched, so that neither TLB nor paging-structure cache can serve it for long.
 */
static int spoil_l5(struct sabotage *sabotage)
{
	struct host_thread *kicker;
	struct mmu_entry entry;
	int err;

	if (!find_entry(sabotage, SMALL_GFN, MMU_LEVEL_2M, &entry))
		return -ENOENT;
	err = spoil_entry(sabotage, &entry, entry.raw & ~bit_write(sabotage));
	if (!err)
		err = host_cpu_spawn("kicker", kick_when_noticed, sabotage, &kicker);
	if (err)
		return err;
	err = touch(sabotage, SMALL_GFN + 5, MMU_WRITE);
	host_thread_join(kicker);
	undo_all(sabotage);
	return err == -EINTR ? 0 : err;
}

static int spoil_l6(struct sabotage *sabotage)
{
	int err = sabotage->core->spoil(sabotage->world->vm, MMU_SPOIL_LEAK, 0, 0);

	if (err)
		return err;
	world_destroy(sabotage->world);
	return 0;
}

static int spoil_l8(struct sabotage *sabotage)
{
	return spoil_counter(sabotage, MMU_COUNTER_BUGGED, 1);
}

const struct saboteur saboteur_H1 = { build_plain, spoil_h1, .audit = true, .companion = INVARIANTS };
/* The wrong header has the wrong parent, too. */
const struct saboteur saboteur_H3 = { build_two_tables, spoil_h3, .audit = true, .companion = INV_H1 };
const struct saboteur saboteur_H4 = { build_plain, spoil_h4, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_H5 = { build_plain, spoil_h5, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R2 = { build_plain, spoil_r2, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R3 = { build_two_roots, spoil_r3, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R6 = { build_plain, spoil_r6, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R7 = { build_plain, spoil_r7, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R10 = { build_plain, spoil_r10, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_R12 = { build_empty, spoil_r12, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_M1 = { build_plain, spoil_m1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_M2 = { build_plain, spoil_m2, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_M3 = { build_plain, spoil_m3, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_N1 = { build_plain, spoil_n1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_L1 = { build_plain, spoil_l1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_L3 = { build_nothing, spoil_l3, .companion = INVARIANTS };
const struct saboteur saboteur_L5 = { build_plain, spoil_l5, .companion = INVARIANTS };
const struct saboteur saboteur_L6 = { build_plain, spoil_l6, .companion = INVARIANTS };
const struct saboteur saboteur_L8 = { build_plain, spoil_l8, .audit = true, .companion = INVARIANTS };
