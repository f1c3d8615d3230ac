// SPDX-License-Identifier: GPL-2.0-only
/* sites.c - how often a CPU has come to a place in the code; open addressing, cleared by counting runs. */
#include "harness/schedule/sites.h"

#include <stdlib.h>

#define SLOTS_FIRST 4096u /* a power of two */

struct site {
	uint64_t key; /* address and CPU */
	uint32_t run; /* another one: free */
	uint32_t count;
};
_Static_assert(HOST_CPUS_MAX <= 64, "six bits of the key");

static struct site *slot_of(const struct sites *sites, uint64_t key)
{
	unsigned int slot = (unsigned int)(key * 0x9e3779b97f4a7c15ULL >> 40) & (sites->slots - 1);

	while (sites->table[slot].run == sites->run && sites->table[slot].key != key)
		slot = (slot + 1) & (sites->slots - 1);
	return &sites->table[slot];
}

static void grow(struct sites *sites)
{
	struct sites larger = { .slots = sites->slots ? sites->slots * 2 : SLOTS_FIRST, .used = sites->used, .run = 1 };

	larger.table = calloc(larger.slots, sizeof(*larger.table));
	HOST_ASSERT(larger.table);
	for (unsigned int i = 0; i < sites->slots; i++) {
		struct site *old = &sites->table[i];

		if (old->run == sites->run)
			*slot_of(&larger, old->key) = (struct site){ old->key, larger.run, old->count };
	}
	free(sites->table);
	*sites = larger;
}

void sites_begin(struct sites *sites)
{
	if (!sites->table)
		grow(sites);
	sites->run++;
	sites->used = 0;
	if (sites->run)
		return;
	/* All counts are of earlier runs, but one of them had this number. */
	for (unsigned int i = 0; i < sites->slots; i++)
		sites->table[i].run = 0;
	sites->run = 1;
}

void sites_free(struct sites *sites)
{
	free(sites->table);
	*sites = (struct sites){ 0 };
}

unsigned int sites_seen(struct sites *sites, const struct host_choice *choice)
{
	uint64_t key = (uint64_t)(uintptr_t)choice->site << 6 | choice->running;
	struct site *site = slot_of(sites, key);

	if (site->run == sites->run)
		return site->count++;
	*site = (struct site){ key, sites->run, 1 };
	if (++sites->used > sites->slots / 2)
		grow(sites);
	return 0;
}
