// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout_memory.c - where in the host process the memory of a layout is.
 *
 * Slots are cut and joined over the same memory all the time, so what counts is what they show together: the runs that
 * remain when all extents of all slots that ever are have been joined.
 */
#include <stdlib.h>

#include "harness/program/layout_parts.h"

#define GIB ((uint64_t)1 << 30)

static int by_address(const void *left, const void *right)
{
	const struct layout_run *a = left, *b = right;

	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

static void join(struct layout_runs *runs)
{
	struct layout_run *last = runs->run;

	for (size_t i = 1; i < runs->nr_runs; i++) {
		const struct layout_run *run = &runs->run[i];

		if (run->space != last->space || run->start > last->end)
			*++last = *run;
		else if (run->end > last->end)
			last->end = run->end;
	}
	runs->nr_runs = runs->nr_runs ? (size_t)(last - runs->run) + 1 : 0;
}

/* One behind the other, each as far behind a multiple of @frame as in its own space. */
static void pack(struct layout_runs *runs, uint64_t from, uint64_t frame)
{
	runs->end = from;
	for (size_t i = 0; i < runs->nr_runs; i++) {
		struct layout_run *run = &runs->run[i];

		run->to = runs->end + ((run->start - runs->end) & (frame - 1));
		runs->end = run->to + (run->end - run->start);
	}
}

static void collect(const struct layout *layout, bool private_only, struct layout_runs *runs)
{
	*runs = (struct layout_runs){ .run = calloc(layout->nr_events + 1, sizeof(*runs->run)) };
	HOST_ASSERT(runs->run);
	for (size_t i = 0; i < layout->nr_events; i++) {
		const struct layout_event *event = &layout->events[i];
		struct layout_run *run = &runs->run[runs->nr_runs];

		if (event->kind != LAYOUT_SLOT || (private_only && !event->private))
			continue;
		run->space = private_only ? LAYOUT_SPACE_GUEST : event->place.space;
		run->start = private_only ? event->gpa : event->place.at;
		run->end = run->start + event->bytes;
		runs->nr_runs++;
	}
	qsort(runs->run, runs->nr_runs, sizeof(*runs->run), by_address);
	join(runs);
}

bool layout_place_memory(const struct layout *layout, struct layout_runs *runs, const struct layout_event **event)
{
	collect(layout, false, runs);
	pack(runs, HOST_HVA_BASE, GIB);
	for (size_t i = 0; i < layout->nr_events; i++) {
		*event = &layout->events[i];
		if ((*event)->kind == LAYOUT_SLOT &&
		    layout_placed(runs, (*event)->place.space, (*event)->place.at) + (*event)->bytes >
			    HOST_HVA_BASE + HOST_HVA_BYTES)
			return false;
	}
	return true;
}

void layout_place_private(const struct layout *layout, struct layout_runs *runs)
{
	collect(layout, true, runs);
	pack(runs, 0, mmu_level_npages(MMU_LEVEL_2M) << MMU_PAGE_SHIFT);
}

uint64_t layout_placed(const struct layout_runs *runs, uint32_t space, uint64_t at)
{
	size_t low = 0, high = runs->nr_runs;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		const struct layout_run *run = &runs->run[middle];

		if (run->space < space || (run->space == space && run->start <= at))
			low = middle;
		else
			high = middle;
	}
	HOST_ASSERT(low < high && runs->run[low].space == space && at >= runs->run[low].start &&
		    at < runs->run[low].end);
	return runs->run[low].to + (at - runs->run[low].start);
}
