// SPDX-License-Identifier: GPL-2.0-only
/* race_spans.c - points that begin something and points that end it, paired. */
#include "cli/race_spans.h"

#include <string.h>

#include "harness/finding/symbols.h"

enum edge {
	EDGE_NONE,
	EDGE_BEGINS,
	EDGE_ENDS,
};

/* Of one kind are the points of read sections' both ends and of grace periods: the function tells them apart. */
static enum edge edge_of_reader(uint32_t site)
{
	size_t offset;
	const char *name = symbols_name(site, &offset);

	if (name && strstr(name, "read_unlock"))
		return EDGE_ENDS;
	return name && strstr(name, "read_lock") ? EDGE_BEGINS : EDGE_NONE;
}

static enum edge edge_of(const struct schedule_point *point)
{
	switch (point->kind) {
	case HOST_POINT_LOCK:
		return EDGE_BEGINS;
	case HOST_POINT_UNLOCK:
		return EDGE_ENDS;
	case HOST_POINT_RCU:
	case HOST_POINT_SRCU:
		return edge_of_reader(point->site);
	default:
		return EDGE_NONE;
	}
}

/* The innermost one that @point may end. */
static struct race_span *open_span(struct race_span *spans, size_t count, const struct schedule_point *point)
{
	uint8_t kind = point->kind == HOST_POINT_UNLOCK ? HOST_POINT_LOCK : point->kind;

	while (count--) {
		if (spans[count].end == RACE_SPAN_OPEN && spans[count].kind == kind &&
		    spans[count].object == point->object)
			return &spans[count];
	}
	return NULL;
}

/* Takes out what is over before @first, so that there is room for what comes. */
static size_t drop_past(struct race_span *spans, size_t count, uint64_t first)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (spans[i].end == RACE_SPAN_OPEN || spans[i].end >= first)
			spans[kept++] = spans[i];
	}
	return kept;
}

size_t race_spans(const struct schedule_record *record, uint8_t cpu, uint64_t first, uint64_t last,
		  struct race_span *spans)
{
	size_t count = 0;

	for (uint64_t i = 0; i < record->nr_points && i < SCHEDULE_POINTS_KEPT; i++) {
		const struct schedule_point *point = &record->points[i];
		enum edge edge = point->cpu == cpu ? edge_of(point) : EDGE_NONE;
		struct race_span *open = edge == EDGE_ENDS ? open_span(spans, count, point) : NULL;

		if (open)
			open->end = i;
		if (open && i < first)
			count = drop_past(spans, count, first);
		if (edge == EDGE_BEGINS && i <= last && count < RACE_SPANS_MAX)
			spans[count++] = (struct race_span){ i, RACE_SPAN_OPEN, point->object, point->kind };
	}
	return count;
}
