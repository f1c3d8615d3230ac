// SPDX-License-Identifier: GPL-2.0-only
/*
 * protocol.c - what the invalidation protocol counts, and the VM as a whole.
 *
 *  1. L1  notifiers between start and end: the open windows; invalidations in progress: those that found a slot
 *  2. L8  the VM is not marked as bugged
 *
 * Elsewhere: L3 is the host's lock ranks (finding_core_report()), L5 the simulated CPU's, L6 census.c.
 * Not verified: the sequence count (L2), failure atomicity (L7), memory caches (L9); L1 where the process serves other
 * VMs too, whose windows this world does not know.
 * Source: spec.md 7.13, 3.3.
 */
#include "harness/invariants/audit.h"

static bool window_finds_slot(const struct world *world, const struct model_window *window)
{
	hva_t end = window->start + (window->npages << MMU_PAGE_SHIFT);

	for (unsigned int as_id = 0; as_id < world->address_spaces; as_id++) {
		model_for_each_slot(slot, &world->model.as[as_id])
		{
			const struct model_slot_map *map = &slot->now;

			if (slot->state == MODEL_LIVE && map->hva < end &&
			    window->start < map->hva + (map->npages << MMU_PAGE_SHIFT))
				return true;
		}
	}
	return false;
}

static void check_windows(struct audit *audit)
{
	int64_t in_progress = audit->core->counter(audit->vm, MMU_COUNTER_INVALIDATE_IN_PROGRESS);
	int64_t active = audit->core->counter(audit->vm, MMU_COUNTER_NOTIFIERS_ACTIVE);
	int64_t open = 0;
	int64_t found = 0;

	for (unsigned int i = 0; i < MODEL_WINDOWS_MAX; i++) {
		const struct model_window *window = &audit->world->model.window[i];

		open += window->npages != 0;
		found += window->npages && window_finds_slot(audit->world, window);
	}
	EXPECT(L1, in_progress == found && active == open,
	       "%" PRIi64 " invalidations in progress and %" PRIi64 " notifiers active; %" PRIi64
	       " windows open, %" PRIi64 " of them over slots",
	       in_progress, active, open, found);
}

void protocol_audit(struct audit *audit)
{
	if (audit->world->owns_mm)
		check_windows(audit);
	EXPECT(L8, !audit->core->counter(audit->vm, MMU_COUNTER_BUGGED), "the VM is marked as bugged");
}
