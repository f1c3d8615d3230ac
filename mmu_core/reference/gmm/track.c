// SPDX-License-Identifier: GPL-2.0-only
/* track.c - see track.h. */
#include "gmm/track.h"

#include <errno.h>

int gmm_track_create(struct gmm_track *track, uint64_t npages)
{
	*track = (struct gmm_track){
		.count = host_alloc(npages * sizeof(*track->count), 0, HOST_ALLOC_ZERO),
		.npages = npages,
	};
	return track->count ? 0 : -ENOMEM;
}

void gmm_track_destroy(struct gmm_track *track)
{
	host_free(track->count);
	*track = (struct gmm_track){ 0 };
}

bool gmm_track_add(struct gmm_track *track, uint64_t page)
{
	CORE_ASSERT(page < track->npages);
	if (track->count[page] == GMM_TRACK_MAX)
		return false;
	track->count[page]++;
	return true;
}

/* The highest count is one that may have been refused some. */
bool gmm_track_remove(struct gmm_track *track, uint64_t page)
{
	CORE_ASSERT(page < track->npages);
	if (!track->count[page] || track->count[page] == GMM_TRACK_MAX)
		return false;
	track->count[page]--;
	return true;
}

bool gmm_is_tracked(const struct gmm_track *track, uint64_t page)
{
	CORE_ASSERT(page < track->npages);
	return track->count[page];
}
