// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_host.c - what the host does to the memory behind the guest.
 *
 * Ranges outside of the host's memory are skipped: it is the host that would be wrong.  All others are cut to a length
 * that takes no time to speak of.
 */
#include <errno.h>

#include "harness/run/run_parts.h"

struct host_range {
	hva_t hva;
	uint64_t npages;
};

/* False: not inside of the host's memory. */
static bool host_range(hva_t hva, uint64_t npages, uint64_t most, struct host_range *range)
{
	uint64_t page = (hva - HOST_HVA_BASE) >> MMU_PAGE_SHIFT;
	uint64_t left = (HOST_HVA_BYTES >> MMU_PAGE_SHIFT) - page;

	if (hva - HOST_HVA_BASE >= HOST_HVA_BYTES || !npages)
		return false;
	range->hva = hva & ~(MMU_PAGE_SIZE - 1);
	range->npages = npages < most ? npages : most;
	if (range->npages > left)
		range->npages = left;
	return true;
}

#define OUTSIDE "not in the host's memory"

int run_host_area(struct run_stream *stream, const struct args_host_area *args)
{
	unsigned int level = MMU_LEVEL_4K + (unsigned int)args->level;
	struct run *run = stream->run;

	run_lock(&run->lock);
	if (level == MMU_LEVEL_1G && run->giant_npages + args->pages > RUN_GIANT_NPAGES_MAX)
		level = MMU_LEVEL_2M;
	if (level == MMU_LEVEL_1G)
		run->giant_npages += args->pages;
	run_unlock(&run->lock);
	return world_host_area_add(run->world, args->hva, args->pages, level, args->writable);
}

int run_host_unmap(struct run_stream *stream, const struct args_host_unmap *args)
{
	struct host_range range;

	if (!host_range(args->hva, args->pages, RUN_HOST_NPAGES_MAX, &range))
		return skip(stream, OUTSIDE);
	world_host_unmap(stream->run->world, range.hva, range.npages);
	return 0;
}

int run_host_protect(struct run_stream *stream, const struct args_host_protect *args)
{
	struct host_range range;

	if (!host_range(args->hva, args->pages, RUN_HOST_NPAGES_MAX, &range))
		return skip(stream, OUTSIDE);
	world_host_protect(stream->run->world, range.hva, range.npages);
	return 0;
}

static int change_page(struct run_stream *stream, hva_t hva, int (*call)(struct world *world, hva_t hva))
{
	struct host_range range;

	if (!host_range(hva, 1, 1, &range))
		return skip(stream, OUTSIDE);
	return call(stream->run->world, range.hva);
}

int run_host_migrate(struct run_stream *stream, const struct args_host_migrate *args)
{
	return change_page(stream, args->hva, world_host_migrate);
}

int run_host_split(struct run_stream *stream, const struct args_host_split *args)
{
	return change_page(stream, args->hva, world_host_split);
}

int run_host_collapse(struct run_stream *stream, const struct args_host_collapse *args)
{
	return change_page(stream, args->hva, world_host_collapse);
}

int run_host_poison(struct run_stream *stream, const struct args_host_poison *args)
{
	struct host_range range;

	if (!host_range(args->hva, 1, 1, &range))
		return skip(stream, OUTSIDE);
	world_host_poison(stream->run->world, range.hva);
	return 0;
}

int run_host_age(struct run_stream *stream, const struct args_host_age *args)
{
	struct host_range range;

	if (!host_range(args->hva, args->pages, RUN_AGE_NPAGES_MAX, &range))
		return skip(stream, OUTSIDE);
	return world_host_age(stream->run->world, range.hva, range.npages, (int)args->how);
}

int run_window_open(struct run_stream *stream, const struct args_window_open *args)
{
	struct host_range range;
	int window;

	if (!host_range(args->hva, args->pages, RUN_HOST_NPAGES_MAX, &range))
		return skip(stream, OUTSIDE);
	window = world_host_window_open(stream->run->world, range.hva, range.npages);
	if (window == -E2BIG)
		return skip(stream, "too many windows are open");
	stream->window[stream->nr_windows++] = window;
	return 0;
}

/* Single-threaded, a stream may close what another has opened; threads close their own only. */
static struct run_stream *stream_with_windows(struct run_stream *stream)
{
	struct run *run = stream->run;

	if (stream->nr_windows || run->threads)
		return stream;
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		if (run->stream[i].nr_windows)
			return &run->stream[i];
	}
	return &run->setup;
}

int run_window_close(struct run_stream *stream, const struct args_window_close *args)
{
	struct run_stream *opener = stream_with_windows(stream);
	unsigned int at;

	if (!opener->nr_windows)
		return skip(stream, "no window is open");
	at = args->window % opener->nr_windows;
	world_host_window_close(stream->run->world, opener->window[at]);
	opener->nr_windows--;
	for (; at < opener->nr_windows; at++)
		opener->window[at] = opener->window[at + 1];
	return 0;
}
