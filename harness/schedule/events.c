// SPDX-License-Identifier: GPL-2.0-only
/* events.c - see events.h. */
#include "harness/schedule/events.h"

#include <string.h>

#include "harness/finding/symbols.h"

_Static_assert(EVENTS <= 64, "a bit each");
_Static_assert(HOST_POINT_KINDS < 16, "four bits of a site's key");

#define SITES (1u << 14)
#define MEANINGS 1024

static const struct {
	enum host_point_kind kind;
	const char *functions;
} rows[EVENTS] = {
#define EVENT(name, text, point_kind, names) { HOST_POINT_##point_kind, names },
#include "harness/program/events.def"
#undef EVENT
};

/* Is @name one of @functions? */
static bool is_among(const char *name, const char *functions)
{
	size_t length = strlen(name);

	for (const char *at = functions; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
		if (!strncmp(at, name, length) && (at[length] == '|' || !at[length]))
			return true;
	}
	return false;
}

/* Places that have been looked up.  Each point is, and most stand for nothing: what is looked at is small. */
static HOST_OUTLIVES_RUNS struct {
	uint32_t key; /* address and kind; 0: free */
	uint32_t meaning;
} sites[SITES];
static HOST_OUTLIVES_RUNS uint64_t meanings[MEANINGS]; /* a bit an event; the first one: none */
static HOST_OUTLIVES_RUNS unsigned int nr_sites, nr_meanings;

static uint64_t look_up(const struct host_choice *point)
{
	size_t offset;
	const char *name = symbols_name((uintptr_t)point->site, &offset);
	uint64_t found = 0;

	for (unsigned int i = 0; i < EVENTS; i++) {
		if (rows[i].kind == point->kind && (!*rows[i].functions || (name && is_among(name, rows[i].functions))))
			found |= 1ull << i;
	}
	return found;
}

static uint32_t learn(const struct host_choice *point)
{
	uint64_t found = look_up(point);

	HOST_ASSERT((uintptr_t)point->site < 1u << 28 && ++nr_sites < SITES / 2);
	if (!found)
		return 0;
	HOST_ASSERT(++nr_meanings < MEANINGS);
	meanings[nr_meanings] = found;
	return nr_meanings;
}

/* Places that follow each other in the code stand beside each other in the table, too. */
uint64_t events_of(const struct host_choice *point)
{
	uintptr_t address = (uintptr_t)point->site;
	uint32_t key = (uint32_t)(address << 4 | (point->kind + 1));
	unsigned int at = address / 16 % SITES;

	while (sites[at].key && sites[at].key != key)
		at = (at + 1) % SITES;
	if (!sites[at].key) {
		sites[at].key = key;
		sites[at].meaning = learn(point);
	}
	return meanings[sites[at].meaning];
}
