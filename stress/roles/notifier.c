// SPDX-License-Identifier: GPL-2.0-only
/*
 * notifier.c - what a host does to a process's memory behind its guest, through the primary MMU and its notifiers.
 *
 * Contents are lost by unmap and poison (the next fault finds zeroes); areas that keep theirs are spared those.
 */
#include "stress/driver.h"

/* Memory failures last as long as the VM: few, or nothing is left. */
#define POISON_ONE_IN 512
/* Whatever is done to a 1 GiB mapping is slow, and done to all of it. */
#define GIANT_ONE_IN 64

static const struct layout_area *pick_area(void)
{
	const struct layout_area *area = &layout_areas[pick(AREAS_COUNT)];

	if (area->level_max == MMU_LEVEL_1G && !one_in(GIANT_ONE_IN))
		return &layout_areas[AREA_RAM];
	return area;
}

static void open_window(struct world *world, hva_t hva, uint64_t npages)
{
	int window = world_host_window_open(world, hva, npages);

	if (window < 0)
		return;
	worker_linger(50);
	world_host_window_close(world, window);
}

/* Contents stay. */
static bool move_memory(struct world *world, hva_t hva, uint64_t npages)
{
	switch (pick(8)) {
	case 0:
		world_host_protect(world, hva, npages);
		return true;
	case 1:
		return !world_host_migrate(world, hva);
	case 2:
		return !world_host_split(world, hva);
	case 3:
		return !world_host_collapse(world, hva);
	case 4:
		open_window(world, hva, npages);
		return true;
	default:
		world_host_age(world, hva, npages, (int)pick(3));
		return false;
	}
}

static bool take_memory(struct world *world, hva_t hva, uint64_t npages)
{
	if (one_in(POISON_ONE_IN))
		world_host_poison(world, hva);
	else
		world_host_unmap(world, hva, npages);
	return true;
}

void role_notifier(struct stress_worker *worker)
{
	const struct layout_area *area = pick_area();
	struct layout_range range = layout_pick_range(area->npages, 1024);
	hva_t hva = area->start + (range.first << MMU_PAGE_SHIFT);
	bool zapped;

	if (area->manners == MANNERS_FREE && one_in(3))
		zapped = take_memory(worker->stress->world, hva, range.npages);
	else
		zapped = move_memory(worker->stress->world, hva, range.npages);
	if (zapped)
		worker_count_zap(worker);
}
