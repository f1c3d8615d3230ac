// SPDX-License-Identifier: GPL-2.0-only
/* saboteurs_private.c - saboteurs of private.c, dirty.c and the checks of faults and logs: groups P and D. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

static struct model_gmem *model_file(struct sabotage *sabotage)
{
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		struct model_gmem *gmem = &sabotage->world->model.gmem[i];

		if (gmem->state == MODEL_LIVE && gmem->descriptor == sabotage->gmem)
			return gmem;
	}
	return NULL;
}

/* Two pages of one file, exchanged in one of the leafs. */
static int spoil_p1(struct sabotage *sabotage)
{
	struct mmu_entry leaf, other;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf) || !find_leaf(sabotage, SMALL_GFN + 1, &other))
		return -ENOENT;
	return spoil_entry(sabotage, &leaf, with_pfn(leaf.raw, other.pfn));
}

static int spoil_p2(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_MIXED, HUGE_GFN, 0);
}

/* The file is closed behind the model's back: the core has to refuse what the model says is there. */
static int spoil_p3(struct sabotage *sabotage)
{
	struct model_gmem *gmem = model_file(sabotage);

	sabotage->core->gmem_close(sabotage->world->vm, sabotage->gmem);
	touch(sabotage, SMALL_GFN + 5, MMU_READ | MMU_PRIVATE);
	gmem->state = MODEL_DEAD;
	return 0;
}

/*
 * The model has been told that the VM has private memory; the core, which knows better, sees a plain access to a hole.
 */
static int spoil_p4(struct sabotage *sabotage)
{
	struct model *model = &sabotage->world->model;

	model_attributes_init(model, model->gfns);
	return touch(sabotage, HOLE_GFN, MMU_READ | MMU_PRIVATE);
}

static int spoil_p6(struct sabotage *sabotage)
{
	struct model_gmem *gmem = model_file(sabotage);

	gmem->state = MODEL_DEAD;
	invariants_audit(sabotage->world);
	gmem->state = MODEL_LIVE;
	return 0;
}

static int build_unmapped_private(struct sabotage *sabotage)
{
	int err = build_private(sabotage);
	const gpa_t gpa = (gpa_t)SMALL_GFN << MMU_PAGE_SHIFT;

	/* Back to shared: no private page is mapped any more. */
	return err ? err : world_attributes_set(sabotage->world, gpa, 8 << MMU_PAGE_SHIFT, 0);
}

/* What another guest has left behind in a page that ought to be fresh. */
static int spoil_p7(struct sabotage *sabotage)
{
	struct mmu_entry leaf;
	uint64_t *words;

	if (!find_leaf(sabotage, SMALL_GFN, &leaf))
		return -ENOENT;
	words = host_pfn_to_va(leaf.pfn);
	words[0] = 0x0123456789abcdef;
	return touch(sabotage, SMALL_GFN, MMU_READ | MMU_PRIVATE);
}

/* Core and model agree on what never should have been accepted. */
static int spoil_p11(struct sabotage *sabotage)
{
	struct model_slot *slot = (struct model_slot *)model_slot_by_id(&sabotage->world->model, 0, HUGE_SLOT);

	slot->now.flags |= MMU_SLOT_READONLY;
	return spoil(sabotage, MMU_SPOIL_SLOT_FLAGS, HUGE_SLOT, MMU_SLOT_READONLY);
}

static void restore_p11(struct sabotage *sabotage)
{
	struct model_slot *slot = (struct model_slot *)model_slot_by_id(&sabotage->world->model, 0, HUGE_SLOT);

	slot->now.flags &= ~MMU_SLOT_READONLY;
}

/* --------------------------------------------------------------------------------------------------- dirty logging */

static int spoil_d1(struct sabotage *sabotage)
{
	int err = spoil(sabotage, MMU_SPOIL_DIRTY_BIT, SMALL_GFN, 0);

	if (!err)
		err = world_dirty_get(sabotage->world, 0, SMALL_SLOT, NULL);
	if (err)
		return err;
	world_check_dirty(sabotage->world);
	return 0;
}

static int build_huge_logged(struct sabotage *sabotage)
{
	int err = build_plain(sabotage);

	return err ? err : world_slot_set_flags(sabotage->world, 0, HUGE_SLOT, MMU_SLOT_LOG_DIRTY);
}

/* The second frame of the huge slot, which nothing has touched, mapped by one writable leaf. */
static int spoil_d3(struct sabotage *sabotage)
{
	struct host_mm_mapping mapping;
	struct mmu_entry leaf, above;
	uint64_t raw;
	int err;

	/* A small leaf is writable in every respect. */
	if (!find_leaf(sabotage, SMALL_GFN, &leaf) || !find_entry(sabotage, HUGE_GFN, MMU_LEVEL_2M, &above))
		return -ENOENT;
	err = host_mm_fault(sabotage->world->mm, HUGE_HVA + 512 * MMU_PAGE_SIZE, true, true, NULL, &mapping);
	if (err)
		return err;
	if (mapping.level < MMU_LEVEL_2M || sabotage->config.level_max < MMU_LEVEL_2M)
		return -EOPNOTSUPP;
	raw = without_exec(sabotage, with_pfn(leaf.raw, mapping.pfn)) | FORMAT_LARGE | bit_write(sabotage);
	return plant_leaf(sabotage, above.address + sizeof(uint64_t), MMU_LEVEL_2M, raw);
}

static int spoil_d4(struct sabotage *sabotage)
{
	return spoil(sabotage, MMU_SPOIL_DIRTY_BIT, SMALL_GFN, 0);
}

/* The bit cannot be put back, but the leaf can go. */
static void restore_d4(struct sabotage *sabotage)
{
	world_host_unmap(sabotage->world, SMALL_HVA, 1);
}

/* The model has been told that rings are in use. */
static int spoil_d6(struct sabotage *sabotage)
{
	sabotage->world->vm_config.dirty_ring_bytes = MMU_PAGE_SIZE;
	return 0;
}

static void restore_d6(struct sabotage *sabotage)
{
	sabotage->world->vm_config.dirty_ring_bytes = 0;
}

const struct saboteur saboteur_P1 = { build_private, spoil_p1, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_P2 = { build_private, spoil_p2, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_P3 = { build_private, spoil_p3, .companion = INVARIANTS };
const struct saboteur saboteur_P4 = { build_plain, spoil_p4, .companion = INVARIANTS };
const struct saboteur saboteur_P6 = { build_unmapped_private, spoil_p6, .companion = INVARIANTS };
const struct saboteur saboteur_P7 = { build_private, spoil_p7, .companion = INVARIANTS };
const struct saboteur saboteur_P11 = { build_private, spoil_p11, restore_p11, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_D1 = { build_logged, spoil_d1, .companion = INVARIANTS };
const struct saboteur saboteur_D3 = { build_huge_logged, spoil_d3, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_D4 = { build_logged, spoil_d4, restore_d4, .audit = true, .companion = INVARIANTS };
const struct saboteur saboteur_D6 = { build_logged, spoil_d6, restore_d6, .audit = true, .companion = INVARIANTS };
