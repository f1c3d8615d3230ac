// SPDX-License-Identifier: GPL-2.0-only
/* sabotage_world.c - the worlds that saboteurs spoil. */
#include <errno.h>

#include "harness/invariants/saboteur.h"

struct one_access {
	struct guest_access access;
	bool given;
};

static bool next_access(void *context, struct guest_access *access)
{
	struct one_access *one = context;

	if (one->given)
		return false;
	one->given = true;
	*access = one->access;
	return true;
}

int touch(struct sabotage *sabotage, gfn_t gfn, uint32_t access)
{
	struct one_access one = { .access = { .access = access, .gpa = gfn << MMU_PAGE_SHIFT } };
	const struct access_source source = { .next = next_access, .context = &one };

	return world_vcpu_run_program(sabotage->world->vcpu[0], &source, false);
}

int world_for(struct sabotage *sabotage, enum mmu_vm_type type)
{
	const struct mmu_vm_config vm_config = {
		.type = type,
		.quirk_slot_zap_all = true,
	};
	const struct world_options options = { .vcpus = 1, .gfns = HUGE_GFN + HUGE_NPAGES };
	int err = world_create(sabotage->core, &sabotage->config, &vm_config, &options, &sabotage->world);

	if (err)
		return err;
	err = world_host_area_add(sabotage->world, SMALL_HVA, SMALL_NPAGES, MMU_LEVEL_4K, true);
	if (err)
		return err;
	return world_host_area_add(sabotage->world, HUGE_HVA, HUGE_NPAGES, MMU_LEVEL_2M, true);
}

int add_slots(struct sabotage *sabotage, uint32_t small_flags, uint32_t huge_flags)
{
	int err = world_slot_create(sabotage->world, 0, SMALL_SLOT, SMALL_GFN, SMALL_NPAGES, SMALL_HVA, small_flags);

	if (err)
		return err;
	return world_slot_create(sabotage->world, 0, HUGE_SLOT, HUGE_GFN, HUGE_NPAGES, HUGE_HVA, huge_flags);
}

/* The first pages of the small slot and the first frame of the huge one; the second frame stays unmapped. */
static int map_some(struct sabotage *sabotage)
{
	int err = touch(sabotage, HUGE_GFN, MMU_READ | MMU_WRITE);

	for (gfn_t i = 0; i < 4 && !err; i++)
		err = touch(sabotage, SMALL_GFN + i, MMU_READ | MMU_WRITE);
	return err;
}

static int build_with_flags(struct sabotage *sabotage, uint32_t small_flags, uint32_t huge_flags)
{
	int err = world_for(sabotage, MMU_VM_DEFAULT);

	if (!err)
		err = add_slots(sabotage, small_flags, huge_flags);
	return err ? err : map_some(sabotage);
}

int build_plain(struct sabotage *sabotage)
{
	return build_with_flags(sabotage, 0, 0);
}

int build_logged(struct sabotage *sabotage)
{
	return build_with_flags(sabotage, MMU_SLOT_LOG_DIRTY, 0);
}

int build_empty(struct sabotage *sabotage)
{
	const struct access_source nothing = { .next = next_access, .context = &(struct one_access){ .given = true } };
	int err = world_for(sabotage, MMU_VM_DEFAULT);

	if (!err)
		err = add_slots(sabotage, 0, 0);
	return err ? err : world_vcpu_run_program(sabotage->world->vcpu[0], &nothing, false);
}

static int add_private_slot(struct sabotage *sabotage, uint16_t id, gfn_t base, uint64_t npages, hva_t hva,
			    uint64_t file_page)
{
	const struct mmu_slot_request request = {
		.id = id,
		.flags = MMU_SLOT_GMEM,
		.gpa = base << MMU_PAGE_SHIFT,
		.bytes = npages << MMU_PAGE_SHIFT,
		.hva = hva,
		.gmem = sabotage->gmem,
		.gmem_offset = file_page << MMU_PAGE_SHIFT,
	};

	return world_slot_set(sabotage->world, &request);
}

/* Pages 0 to 3 of the small slot are private and mapped, the ones behind them shared and mapped. */
int build_private(struct sabotage *sabotage)
{
	int err = world_for(sabotage, MMU_VM_SW_PROTECTED);

	if (err)
		return err;
	sabotage->gmem = world_gmem_create(sabotage->world, (uint64_t)(SMALL_NPAGES + HUGE_NPAGES) << MMU_PAGE_SHIFT);
	if (sabotage->gmem < 0)
		return sabotage->gmem;
	err = add_private_slot(sabotage, SMALL_SLOT, SMALL_GFN, SMALL_NPAGES, SMALL_HVA, 0);
	if (!err)
		err = add_private_slot(sabotage, HUGE_SLOT, HUGE_GFN, HUGE_NPAGES, HUGE_HVA, SMALL_NPAGES);
	if (!err)
		err = world_attributes_set(sabotage->world, (gpa_t)SMALL_GFN << MMU_PAGE_SHIFT, 8 << MMU_PAGE_SHIFT,
					   MMU_ATTRIBUTE_PRIVATE);
	for (gfn_t i = 0; i < 4 && !err; i++)
		err = touch(sabotage, SMALL_GFN + i, MMU_READ | MMU_WRITE | MMU_PRIVATE);
	for (gfn_t i = 8; i < 12 && !err; i++)
		err = touch(sabotage, SMALL_GFN + i, MMU_READ | MMU_WRITE);
	return err;
}
