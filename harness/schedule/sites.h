/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sites.h - site capping: a place in the code is worth a choice only the first times that a CPU comes there in a run.
 *
 * Without it loops eat whatever a policy has to spend: one zap of 512 entries has more points than all else together
 * (docs/REPLAY.md has figures).
 */
#ifndef HARNESS_SCHEDULE_SITES_H
#define HARNESS_SCHEDULE_SITES_H

#include "mmu_core/schedule.h"

struct sites {
	struct site *table;
	unsigned int slots, used; /* of the table; taken in this run */
	uint32_t run;
};

void sites_begin(struct sites *sites); /* a run; zero-initialised before the first one */
void sites_free(struct sites *sites);
/* How often the CPU of @choice has come to this place before. */
unsigned int sites_seen(struct sites *sites, const struct host_choice *choice);

#endif
