// SPDX-License-Identifier: GPL-2.0-only
/* compare.c - two runs point by point. */
#include "harness/schedule/compare.h"

#include <inttypes.h>

#include "harness/finding/symbols.h"

static const char *const kind_names[HOST_POINT_KINDS] = {
	[HOST_POINT_LOAD] = "load",   [HOST_POINT_STORE] = "store",    [HOST_POINT_ATOMIC] = "atomic",
	[HOST_POINT_LOCK] = "lock",   [HOST_POINT_UNLOCK] = "unlock",  [HOST_POINT_RCU] = "RCU",
	[HOST_POINT_SRCU] = "SRCU",   [HOST_POINT_WAIT] = "wait",      [HOST_POINT_WAKE] = "wake",
	[HOST_POINT_IPI] = "IPI",     [HOST_POINT_ALLOC] = "alloc",    [HOST_POINT_FREE] = "free",
	[HOST_POINT_GUEST] = "guest", [HOST_POINT_WALK] = "page walk", [HOST_POINT_RESCHED] = "resched",
};

const char *schedule_kind_name(uint8_t kind)
{
	return kind < HOST_POINT_KINDS ? kind_names[kind] : "?";
}

static void describe(const struct schedule_record *record, uint64_t index, char *text, size_t room)
{
	const struct schedule_point *point = &record->points[index];
	char cpu[DECISION_CPU_TEXT_MAX];
	size_t offset = 0;
	const char *name;

	if (index >= record->nr_points) {
		snprintf(text, room, "not reached");
		return;
	}
	name = symbols_name(point->site, &offset);
	snprintf(text, room, "CPU %s: %s of object %" PRIu32 " in %s+%#zx", decision_cpu_name(point->cpu, cpu),
		 schedule_kind_name(point->kind), point->object, name ? name : "?", offset);
}

bool schedule_same(const struct schedule_record *first, const struct schedule_record *again, char *text, size_t room)
{
	uint64_t count = first->nr_points < again->nr_points ? first->nr_points : again->nr_points, at = 0;
	char was[160], is[160];

	if (count > SCHEDULE_POINTS_KEPT)
		count = SCHEDULE_POINTS_KEPT;
	while (at < count && first->points[at].object == again->points[at].object &&
	       first->points[at].site == again->points[at].site && first->points[at].cpu == again->points[at].cpu &&
	       first->points[at].kind == again->points[at].kind)
		at++;
	if (first->nr_points == again->nr_points && (at == first->nr_points || at == SCHEDULE_POINTS_KEPT))
		return true;
	describe(first, at, was, sizeof(was));
	describe(again, at, is, sizeof(is));
	if (at == SCHEDULE_POINTS_KEPT)
		snprintf(text, room, "%" PRIu64 " points, then %" PRIu64 "; the first %u are the same",
			 first->nr_points, again->nr_points, SCHEDULE_POINTS_KEPT);
	else
		snprintf(text, room, "point %" PRIu64 " was %s; then it is %s", at, was, is);
	return false;
}
