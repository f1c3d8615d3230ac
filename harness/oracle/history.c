// SPDX-License-Identifier: GPL-2.0-only
/* history.c - see history.h. */
#include "harness/oracle/history.h"

#include <stdio.h>

static uint64_t first_page_of(const struct refusal *refusal)
{
	return (refusal->request ? refusal->request->gpa : refusal->gpa) >> MMU_PAGE_SHIFT;
}

static uint64_t pages_of(const struct refusal *refusal)
{
	return (refusal->request ? refusal->request->bytes : refusal->bytes) >> MMU_PAGE_SHIFT;
}

void history_begin(struct refusal *refusal)
{
	struct world *world = refusal->world;
	struct world_history *entry;
	uint64_t number;

	refusal->number = UINT64_MAX;
	if (refusal->op == OP_access) /* findings tell of accesses themselves */
		return;
	refusal->number = number = __atomic_fetch_add(&world->history_next, 1, __ATOMIC_RELAXED);
	entry = &world->history[number % WORLD_HISTORY];
	MODEL_SET(entry->at, UINT64_MAX);
	MODEL_SET(entry->number, number);
	MODEL_SET(entry->op, refusal->op);
	MODEL_SET(entry->cpu, host_cpu_self());
	MODEL_SET(entry->id, refusal->request ? refusal->request->id : refusal->id);
	MODEL_SET(entry->gfn, first_page_of(refusal));
	MODEL_SET(entry->npages, pages_of(refusal));
	MODEL_SET(entry->value, refusal->request ? refusal->request->flags : refusal->value);
	MODEL_SET(entry->from, model_clock(&world->model));
}

void history_end(struct refusal *refusal, int result)
{
	struct world_history *entry = &refusal->world->history[refusal->number % WORLD_HISTORY];

	if (MODEL_GET(entry->number) != refusal->number)
		return;
	MODEL_SET(entry->result, result);
	MODEL_SET(entry->at, model_clock(&refusal->world->model));
}

static int tell_one(const struct world_history *entry, char *text, size_t room)
{
	uint64_t at = MODEL_GET(entry->at);
	char end[48];

	if (at == UINT64_MAX)
		snprintf(end, sizeof(end), "...");
	else
		snprintf(end, sizeof(end), "%lu: %d", (unsigned long)at, MODEL_GET(entry->result));
	return snprintf(text, room, "; cpu %u %s %u gfn 0x%lx+0x%lx 0x%lx %lu-%s", MODEL_GET(entry->cpu),
			op_rows[MODEL_GET(entry->op)].name, MODEL_GET(entry->id), (unsigned long)MODEL_GET(entry->gfn),
			(unsigned long)MODEL_GET(entry->npages), (unsigned long)MODEL_GET(entry->value),
			(unsigned long)MODEL_GET(entry->from), end);
}

void history_tell(const struct world *world, uint64_t since, char *text, size_t room)
{
	uint64_t next = MODEL_GET(world->history_next);
	uint64_t first = next > WORLD_HISTORY ? next - WORLD_HISTORY : 0;
	size_t used = 0;

	*text = 0;
	for (uint64_t number = first; number < next && used < room; number++) {
		const struct world_history *entry = &world->history[number % WORLD_HISTORY];

		if (MODEL_GET(entry->at) >= since)
			used += (size_t)tell_one(entry, text + used, room - used);
	}
}
