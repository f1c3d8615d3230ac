// SPDX-License-Identifier: GPL-2.0-only
/* saboteurs_entries.c - saboteurs of entries.c: groups S and G. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

/* The entry behind the small slot's end: in a table that exists, for a gfn that nobody maps. */
static int hole_address(struct sabotage *sabotage, mmu_hpa_t *address)
{
	struct mmu_entry leaf;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	*address = leaf.address + (HOLE_GFN - SMALL_GFN) * sizeof(uint64_t);
	return 0;
}

static int spoil_hole(struct sabotage *sabotage, uint64_t raw)
{
	struct mmu_entry hole = { .raw = 0 };
	int err = hole_address(sabotage, &hole.address);

	if (err)
		return err;
	hole.raw = *(const uint64_t *)(HOST_ARENA_BASE + hole.address);
	return spoil_entry(sabotage, &hole, raw);
}

/* Changes the first small leaf: takes @clear out, puts @set in. */
static int spoil_small_leaf(struct sabotage *sabotage, uint64_t clear, uint64_t set)
{
	struct mmu_entry leaf;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	return spoil_entry(sabotage, &leaf, (leaf.raw & ~clear) | set);
}

static int find_huge_leaf(struct sabotage *sabotage, struct mmu_entry *leaf)
{
	if (!find_leaf(sabotage, HUGE_GFN, leaf))
		return -ENOENT;
	return leaf->level > MMU_LEVEL_4K ? 0 : -EOPNOTSUPP;
}

static int spoil_s1(struct sabotage *sabotage)
{
	struct mmu_entry leaf;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	return spoil_entry(sabotage, &leaf, leaf.raw & ~bit_mmu_writable(sabotage, &leaf));
}

/* EPT: a reserved memory type.  NPT: a supervisor page. */
static int spoil_s2(struct sabotage *sabotage)
{
	if (sabotage->config.paging == MMU_PAGING_EPT)
		return spoil_small_leaf(sabotage, 0, FORMAT_BITS(3, 5));
	return spoil_small_leaf(sabotage, FORMAT_BIT(2), 0);
}

static int build_readonly(struct sabotage *sabotage)
{
	int err = world_for(sabotage, MMU_VM_DEFAULT);

	if (!err)
		err = add_slots(sabotage, MMU_SLOT_READONLY, 0);
	return err ? err : touch(sabotage, SMALL_GFN, MMU_READ);
}

static int spoil_s3(struct sabotage *sabotage)
{
	struct mmu_entry leaf;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	return spoil_entry(sabotage, &leaf, leaf.raw | bit_host_writable(sabotage, &leaf));
}

static int spoil_s5(struct sabotage *sabotage)
{
	struct mmu_entry entry;

	if (!find_entry(sabotage, SMALL_GFN, MMU_LEVEL_2M, &entry))
		return -ENOENT;
	return spoil_entry(sabotage, &entry, entry.raw & ~bit_write(sabotage));
}

/* The value is not the same in all kernels (arch/x86/kvm/mmu/spte.h FROZEN_SPTE, REMOVED_SPTE). */
static int spoil_s6(struct sabotage *sabotage)
{
	static const uint64_t values[] = { 0x1a0, 0x5a0, FORMAT_BIT(63) | 0x1a0, FORMAT_BIT(63) | 0x5a0 };

	for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct mmu_entry hole;
		int err = spoil_hole(sabotage, values[i]);

		if (err)
			return err;
		if (find_entry(sabotage, HOLE_GFN, MMU_LEVEL_4K, &hole) && hole.kind == MMU_ENTRY_FROZEN)
			return 0;
		undo_all(sabotage);
	}
	return -ENOENT;
}

/* Neither present nor anything else that is defined. */
static int spoil_s7(struct sabotage *sabotage)
{
	return spoil_hole(sabotage, 0x20);
}

static int build_with_mmio(struct sabotage *sabotage)
{
	int err = build_plain(sabotage);

	return err ? err : touch(sabotage, HOLE_GFN, MMU_READ);
}

static int spoil_s8(struct sabotage *sabotage)
{
	struct mmu_entry entry;

	if (!find_entry(sabotage, HOLE_GFN, MMU_LEVEL_4K, &entry) || entry.kind != MMU_ENTRY_MMIO)
		return -ENOENT;
	return spoil_entry(sabotage, &entry, entry.raw ^ FORMAT_BIT(13));
}

static int spoil_s9(struct sabotage *sabotage)
{
	struct mmu_entry leaf;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	return spoil_entry(sabotage, &leaf, leaf.raw ^ leaf.ad_disabled);
}

static int spoil_s10(struct sabotage *sabotage)
{
	return spoil_small_leaf(sabotage, sabotage->config.paging == MMU_PAGING_EPT ? 7 : 1, 0);
}

static int build_mitigated(struct sabotage *sabotage)
{
	int err = sabotage->core->nx_set(MMU_NX_FORCE);

	return err ? err : build_plain(sabotage);
}

static int spoil_s12(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = find_huge_leaf(sabotage, &leaf);

	if (err)
		return err;
	if (sabotage->config.paging == MMU_PAGING_EPT)
		return spoil_entry(sabotage, &leaf, leaf.raw | FORMAT_BIT(2));
	return spoil_entry(sabotage, &leaf, leaf.raw & ~FORMAT_BIT(63));
}

static int spoil_g1(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	int err = find_huge_leaf(sabotage, &leaf);

	return err ? err : spoil_entry(sabotage, &leaf, with_pfn(leaf.raw, leaf.pfn + 2));
}

/* The host's own tables are x86-64's, four levels, in the arena (host.h). */
static uint64_t *host_entry(struct host_mm *mm, hva_t hva, int level)
{
	uint64_t *table = host_mm_pgd(mm);

	for (int i = 4;; i--) {
		uint64_t *entry = &table[(hva >> (MMU_PAGE_SHIFT + 9 * (i - 1))) & 511];

		if (i == level)
			return entry;
		if (!(*entry & 1) || (*entry & FORMAT_LARGE))
			return NULL;
		table = (uint64_t *)(HOST_ARENA_BASE + format_address(*entry));
	}
}

/*
 * Splits the host's mapping without telling the core, by a table of the saboteur's own.  The audit runs here, so that
 * the host has its own entry back before anybody else looks at it.
 */
static int spoil_g4(struct sabotage *sabotage)
{
	uint64_t *entry = host_entry(sabotage->world->mm, HUGE_HVA, MMU_LEVEL_2M);
	struct mmu_entry leaf;
	int err = find_huge_leaf(sabotage, &leaf);
	mmu_pfn_t table;
	uint64_t *words;
	uint64_t old;

	if (err || !entry || !(*entry & FORMAT_LARGE))
		return err ? err : -EOPNOTSUPP;
	table = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO);
	if (table == MMU_NO_PFN)
		return -ENOMEM;
	old = *entry;
	words = host_pfn_to_va(table);
	for (unsigned int i = 0; i < 512; i++)
		words[i] = (old & ~FORMAT_LARGE) + ((uint64_t)i << MMU_PAGE_SHIFT);
	*entry = table << MMU_PAGE_SHIFT | 7;
	invariants_audit(sabotage->world);
	*entry = old;
	host_pages_free(table, 0);
	return 0;
}

/* A slot of half a frame, over memory that the host maps by 2 MiB: the core maps it by 4 KiB, the saboteur by 2 MiB. */
static int build_half_frame(struct sabotage *sabotage)
{
	int err = world_for(sabotage, MMU_VM_DEFAULT);

	if (!err)
		err = world_slot_create(sabotage->world, 0, SMALL_SLOT, SMALL_GFN, SMALL_NPAGES, SMALL_HVA, 0);
	if (!err)
		err = world_slot_create(sabotage->world, 0, HUGE_SLOT, HUGE_GFN, 512 + 256, HUGE_HVA, 0);
	if (!err)
		err = touch(sabotage, SMALL_GFN, MMU_READ | MMU_WRITE);
	return err ? err : touch(sabotage, HUGE_GFN, MMU_READ | MMU_WRITE);
}

static int spoil_g6(struct sabotage *sabotage)
{
	struct host_mm_mapping mapping;
	struct mmu_entry leaf;
	int err = find_huge_leaf(sabotage, &leaf);

	if (err)
		return err;
	err = host_mm_fault(sabotage->world->mm, HUGE_HVA + 512 * MMU_PAGE_SIZE, true, true, NULL, &mapping);
	if (err)
		return err;
	if (mapping.level < MMU_LEVEL_2M)
		return -EOPNOTSUPP;
	return plant_leaf(sabotage, leaf.address + sizeof(uint64_t), MMU_LEVEL_2M, with_pfn(leaf.raw, mapping.pfn));
}

const struct saboteur saboteur_S1 = { build_plain, spoil_s1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S2 = { build_plain, spoil_s2, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S3 = { build_readonly, spoil_s3, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S5 = { build_plain, spoil_s5, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S6 = { build_plain, spoil_s6, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S7 = { build_plain, spoil_s7, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S8 = { build_with_mmio, spoil_s8, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S9 = { build_plain, spoil_s9, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S10 = { build_plain, spoil_s10, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_S12 = { build_mitigated, spoil_s12, .audit = true, .companion = INVARIANTS };
/* A misaligned leaf cannot but map other pages than the host does. */
const struct saboteur saboteur_G1 = { build_plain, spoil_g1, .audit = true, .companion = INV_Z1 };
const struct saboteur saboteur_G4 = { build_plain, spoil_g4, .companion = INVARIANTS };
const struct saboteur saboteur_G6 = { build_half_frame, spoil_g6, .audit = true, .companion = INVARIANTS };
