// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.h - the rows of layout.def, and choosing places in them at random.
 *
 * Locking: constant, but for the descriptors of the files, which the gmem role replaces: relaxed atomics.  A descriptor
 *          that has just been closed is one more wrong argument to the core.
 */
#ifndef STRESS_LAYOUT_H
#define STRESS_LAYOUT_H

#include "harness/world/world.h"

enum layout_area_id {
#define AREA(name, npages, skew, level_max, writable, manners) AREA_##name,
#define FILE(name, npages)
#define SLOT(as_id, id, base, npages, area, area_page, flags, file, file_page)
#include "stress/layout.def"
#undef AREA
#undef FILE
#undef SLOT
	AREAS_COUNT,
};

enum layout_file_id {
#define AREA(name, npages, skew, level_max, writable, manners)
#define FILE(name, npages) FILE_##name,
#define SLOT(as_id, id, base, npages, area, area_page, flags, file, file_page)
#include "stress/layout.def"
#undef AREA
#undef FILE
#undef SLOT
	FILES_COUNT,
	FILE_NONE = FILES_COUNT,
};

enum layout_manners {
	MANNERS_FREE,
	MANNERS_KEEPS,
	MANNERS_SAVE_AREA,
};

struct layout_area {
	hva_t start;
	uint64_t npages;
	uint8_t level_max;
	bool writable;
	enum layout_manners manners;
};

struct layout_slot {
	uint16_t as_id, id;
	gfn_t base;
	uint64_t npages;
	enum layout_area_id area;
	uint64_t area_page;
	uint32_t flags;
	enum layout_file_id file;
	uint64_t file_page;
};

extern const struct layout_area layout_areas[AREAS_COUNT];
extern const uint64_t layout_file_npages[FILES_COUNT];
extern const struct layout_slot layout_slots[];
extern const unsigned int nr_layout_slots;

/* Descriptors of the living VM's files; negative: none. */
struct layout_files {
	int descriptor[FILES_COUNT];
};

/* Uniform below @n; @n > 0.  True with a chance of one in @n. */
static inline uint64_t pick(uint64_t n)
{
	return host_random() % n;
}

static inline bool one_in(uint64_t n)
{
	return !pick(n);
}

hva_t layout_hva(const struct layout_slot *slot);

/* Makes the areas, files and slots of a new world; 0 or -errno. */
int layout_build(struct world *world, struct layout_files *files);

/* What creates @slot in @world, with the file that is open now. */
void layout_request(const struct world *world, const struct layout_files *files, const struct layout_slot *slot,
		    struct mmu_slot_request *request);

/* A slot of address space @as_id that guests may touch. */
const struct layout_slot *layout_pick_slot(unsigned int as_id);

/* A gpa for one guest access, 8-byte aligned: mostly in slots, in few pages and often the same; sometimes in a hole. */
gpa_t layout_pick_gpa(unsigned int as_id);

/* Pages [first, first + npages) of [0, @npages), at most @npages_max: mostly small, often aligned to 2M. */
struct layout_range {
	uint64_t first;
	uint64_t npages;
};
struct layout_range layout_pick_range(uint64_t npages, uint64_t npages_max);

/* Moved slots lie here, and nothing else: gfns [LAYOUT_MOVED, 2 * LAYOUT_MOVED). */
#define LAYOUT_MOVED 0x10000

#endif
