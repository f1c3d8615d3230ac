// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c - building the VM of layout.def, and choosing places in it.
 */
#include "stress/layout.h"

#define GIB (1UL << 30)

const struct layout_area layout_areas[AREAS_COUNT] = {
#define AREA(name, pages, skew, level, writes, conduct)                                                                \
	[AREA_##name] = { .start = HOST_HVA_BASE + (1 + 2 * AREA_##name) * GIB + ((uint64_t)(skew) << MMU_PAGE_SHIFT), \
			  .npages = pages,                                                                             \
			  .level_max = level,                                                                          \
			  .writable = writes,                                                                          \
			  .manners = MANNERS_##conduct },
#define FILE(name, npages)
#define SLOT(as_id, id, base, npages, area, area_page, flags, file, file_page)
#include "stress/layout.def"
#undef AREA
#undef FILE
#undef SLOT
};

const uint64_t layout_file_npages[FILES_COUNT] = {
#define AREA(name, npages, skew, level_max, writable, manners)
#define FILE(name, npages) [FILE_##name] = npages,
#define SLOT(as_id, id, base, npages, area, area_page, flags, file, file_page)
#include "stress/layout.def"
#undef AREA
#undef FILE
#undef SLOT
};

const struct layout_slot layout_slots[] = {
#define AREA(name, npages, skew, level_max, writable, manners)
#define FILE(name, npages)
#define SLOT(as, number, gfn, pages, place, place_page, flag_bits, backing, backing_page) \
	{ .as_id = as,                                                                    \
	  .id = number,                                                                   \
	  .base = gfn,                                                                    \
	  .npages = pages,                                                                \
	  .area = AREA_##place,                                                           \
	  .area_page = place_page,                                                        \
	  .flags = flag_bits,                                                             \
	  .file = FILE_##backing,                                                         \
	  .file_page = backing_page },
#include "stress/layout.def"
#undef AREA
#undef FILE
#undef SLOT
};

const unsigned int nr_layout_slots = sizeof(layout_slots) / sizeof(layout_slots[0]);

hva_t layout_hva(const struct layout_slot *slot)
{
	return layout_areas[slot->area].start + (slot->area_page << MMU_PAGE_SHIFT);
}

void layout_request(const struct world *world, const struct layout_files *files, const struct layout_slot *slot,
		    struct mmu_slot_request *request)
{
	*request = (struct mmu_slot_request){
		.as_id = slot->as_id,
		.id = slot->id,
		.flags = slot->flags,
		.gpa = slot->base << MMU_PAGE_SHIFT,
		.bytes = slot->npages << MMU_PAGE_SHIFT,
		.hva = layout_hva(slot),
		.gmem = -1,
	};
	if (world->vm_config.type == MMU_VM_SW_PROTECTED && slot->file != FILE_NONE) {
		request->flags |= MMU_SLOT_GMEM;
		request->gmem = __atomic_load_n(&files->descriptor[slot->file], __ATOMIC_RELAXED);
		request->gmem_offset = slot->file_page << MMU_PAGE_SHIFT;
	}
}

/* A gigantic page takes the core 262,144 struct pages to make: most VMs do without. */
#define GIANT_ONE_IN 4

static unsigned int pick_level_max(const struct layout_area *area)
{
	return area->level_max == MMU_LEVEL_1G && !one_in(GIANT_ONE_IN) ? MMU_LEVEL_2M : area->level_max;
}

static int build_areas(struct world *world)
{
	for (unsigned int i = 0; i < AREAS_COUNT; i++) {
		const struct layout_area *area = &layout_areas[i];
		int error = world_host_area_add(world, area->start, area->npages, pick_level_max(area), area->writable);

		if (error)
			return error;
	}
	return 0;
}

static int build_files(struct world *world, struct layout_files *files)
{
	for (unsigned int i = 0; i < FILES_COUNT; i++) {
		int descriptor = -1;

		if (world->vm_config.type == MMU_VM_SW_PROTECTED) {
			descriptor = world_gmem_create(world, layout_file_npages[i] << MMU_PAGE_SHIFT);
			if (descriptor < 0)
				return descriptor;
		}
		files->descriptor[i] = descriptor;
	}
	return 0;
}

int layout_build(struct world *world, struct layout_files *files)
{
	int error = build_areas(world);

	if (!error)
		error = build_files(world, files);
	for (unsigned int i = 0; i < nr_layout_slots && !error; i++) {
		struct mmu_slot_request request;

		if (layout_slots[i].as_id >= world->address_spaces)
			continue;
		layout_request(world, files, &layout_slots[i], &request);
		error = world_slot_set(world, &request);
	}
	return error;
}

const struct layout_slot *layout_pick_slot(unsigned int as_id)
{
	for (;;) {
		const struct layout_slot *slot = &layout_slots[pick(nr_layout_slots)];

		if (slot->as_id == as_id && layout_areas[slot->area].manners != MANNERS_SAVE_AREA)
			return slot;
	}
}

/*
 * Where threads meet: the pages at the begin and the end of a slot and of its 2M frames, few enough to be hit again and
 * again while something happens to them.
 */
static uint64_t pick_hot_page(const struct layout_slot *slot)
{
	uint64_t frames = (slot->npages + 511) / 512;
	uint64_t frame = pick(frames > 4 ? 4 : frames);
	uint64_t page = frame * 512 + pick(8);

	return one_in(8) ? slot->npages - 1 - pick(4) : page % slot->npages;
}

gpa_t layout_pick_gpa(unsigned int as_id)
{
	const struct layout_slot *slot = layout_pick_slot(as_id);
	gfn_t gfn = slot->base + (one_in(4) ? pick(slot->npages) : pick_hot_page(slot));

	if (one_in(64))
		gfn = LAYOUT_MOVED + pick(LAYOUT_MOVED); /* nothing, or a slot that has been moved */
	else if (one_in(64))
		gfn = slot->base + slot->npages; /* just past the end: often the next slot */
	return (gfn << MMU_PAGE_SHIFT) + pick(MMU_PAGE_SIZE / 8) * 8;
}

struct layout_range layout_pick_range(uint64_t npages, uint64_t npages_max)
{
	static const uint16_t large[] = { 64, 511, 512, 513, 1024 };
	struct layout_range range;

	range.npages = one_in(8) ? large[pick(sizeof(large) / sizeof(large[0]))] : 1 + pick(16);
	if (one_in(64))
		range.npages = npages;
	if (range.npages > npages)
		range.npages = npages;
	if (range.npages > npages_max)
		range.npages = npages_max;
	range.first = pick(npages - range.npages + 1);
	if (one_in(2))
		range.first &= ~(uint64_t)511;
	else if (one_in(2))
		range.first = 0;
	return range;
}
