// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c - a .layout as events, fill and repeat spelt out; each is looked at as KVM would: all can be replayed.
 *
 * Source: corpora/layouts/README.md; spec.md O-10 for what KVM refuses.
 */
#include "harness/program/layout.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/program/layout_line.h"

struct alive {
	uint32_t event[LAYOUT_IDS]; /* the latest of the slot with that id, plus one; 0: there is none */
	uint16_t by_gpa[LAYOUT_IDS];
	uint32_t count;
};

struct parser {
	struct layout_reader reader;
	struct layout layout;
	struct alive alive[MMU_ADDRESS_SPACES_MAX];
	struct request *requests; /* event lines since the last repeat */
	size_t nr_requests, room;
	const struct request *replayed; /* by the running line; NULL: itself */
};

/* Always false. */
static bool __attribute__((format(printf, 3, 4))) refuse(struct parser *parser, enum key key, const char *format, ...)
{
	char text[sizeof(parser->reader.scanner.error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (parser->replayed)
		return scan_fail(&parser->reader.scanner, parser->reader.verb.text, "line %u again: %s",
				 parser->replayed->line, text);
	return scan_fail(&parser->reader.scanner, parser->reader.word[key].text, "%s", text);
}

/* ------------------------------------------------------------------------------------------------ what is alive now */

static const struct layout_event *alive_event(const struct parser *parser, unsigned int as, unsigned int id)
{
	uint32_t event = parser->alive[as].event[id];

	return event ? &parser->layout.events[event - 1] : NULL;
}

/* How many slots begin below @gpa. */
static uint32_t slots_below(const struct parser *parser, unsigned int as, gpa_t gpa)
{
	const struct alive *alive = &parser->alive[as];
	uint32_t low = 0, high = alive->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (alive_event(parser, as, alive->by_gpa[middle])->gpa < gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void slot_leaves(struct parser *parser, const struct layout_event *slot)
{
	struct alive *alive = &parser->alive[slot->as];
	uint32_t at = slots_below(parser, slot->as, slot->gpa);

	HOST_ASSERT(alive->by_gpa[at] == slot->id);
	memmove(&alive->by_gpa[at], &alive->by_gpa[at + 1], (--alive->count - at) * sizeof(alive->by_gpa[0]));
	alive->event[slot->id] = 0;
}

/* @event: the number of one that is in the layout already. */
static void slot_comes(struct parser *parser, uint32_t event)
{
	const struct layout_event *slot = &parser->layout.events[event];
	struct alive *alive = &parser->alive[slot->as];
	uint32_t at = slots_below(parser, slot->as, slot->gpa);

	memmove(&alive->by_gpa[at + 1], &alive->by_gpa[at], (alive->count++ - at) * sizeof(alive->by_gpa[0]));
	alive->by_gpa[at] = slot->id;
	alive->event[slot->id] = event + 1;
}

/* The slot of @event's address space, but not of its id, that it would lie over; NULL. */
static const struct layout_event *slot_under(const struct parser *parser, const struct layout_event *event)
{
	const struct alive *alive = &parser->alive[event->as];
	uint32_t at = slots_below(parser, event->as, event->gpa + event->bytes);
	const struct layout_event *last;

	if (at && alive->by_gpa[at - 1] == event->id)
		at--;
	if (!at)
		return NULL;
	last = alive_event(parser, event->as, alive->by_gpa[at - 1]);
	return last->gpa + last->bytes > event->gpa ? last : NULL;
}

/* ----------------------------------------------------------------------------------------------------------- events */

static bool add_event(struct parser *parser, const struct layout_event *event)
{
	struct layout *layout = &parser->layout;

	if (layout->nr_events == LAYOUT_EVENTS_MAX)
		return refuse(parser, KEY_id, "more than %u events", LAYOUT_EVENTS_MAX);
	if (layout->nr_events == layout->room) {
		layout->room = layout->room ? 2 * layout->room : 64;
		layout->events = realloc(layout->events, layout->room * sizeof(*layout->events));
		HOST_ASSERT(layout->events);
	}
	layout->events[layout->nr_events++] = *event;
	return true;
}

static bool check_range(struct parser *parser, const struct layout_event *event)
{
	const struct layout_event *under;

	if (event->gpa + event->bytes > LAYOUT_GPA_END)
		return refuse(parser, KEY_gpa, "the range ends above 0x%" PRIx64, LAYOUT_GPA_END);
	if (event->kind == LAYOUT_ATTR)
		return true;
	if (event->place.at + event->bytes > LAYOUT_MEMORY_END)
		return refuse(parser, event->place.space == LAYOUT_SPACE_CAPTURED ? KEY_hva : KEY_mem,
			      "its memory ends above 0x%" PRIx64, LAYOUT_MEMORY_END);
	under = slot_under(parser, event);
	if (!under)
		return true;
	return refuse(parser, KEY_gpa,
		      "[0x%" PRIx64 ", 0x%" PRIx64 ") lies over slot %u:%u of line %u, [0x%" PRIx64 ", 0x%" PRIx64 ")",
		      event->gpa, event->gpa + event->bytes, under->as, under->id, under->line, under->gpa,
		      under->gpa + under->bytes);
}

static bool check_private(struct parser *parser, const struct layout_event *event)
{
	if (event->kind != LAYOUT_SLOT && event->kind != LAYOUT_ATTR)
		return true;
	if (event->private && event->kind == LAYOUT_SLOT && event->flags)
		return refuse(parser, KEY_flags, "a slot with private memory is rw");
	if (event->private || event->kind == LAYOUT_ATTR)
		parser->layout.private = true;
	if (event->as == 0 ? parser->layout.private && parser->alive[1].count : parser->layout.private)
		return refuse(parser, KEY_private, "a VM with private memory has one address space");
	return true;
}

static bool add_slot(struct parser *parser, struct layout_event *event)
{
	const struct layout_event *there = alive_event(parser, event->as, event->id);

	if (there)
		return refuse(parser, KEY_id, "slot %u:%u is there since line %u: delete it first, or flags or move",
			      event->as, event->id, there->line);
	if (!check_range(parser, event) || !check_private(parser, event) || !add_event(parser, event))
		return false;
	slot_comes(parser, (uint32_t)parser->layout.nr_events - 1);
	return true;
}

/* Delete, flags, move: @event has what its line says. */
static bool change_slot(struct parser *parser, const struct layout_event *event)
{
	const struct layout_event *there = alive_event(parser, event->as, event->id);
	struct layout_event old, changed = *event;

	if (!there)
		return refuse(parser, KEY_id, "there is no slot %u:%u", event->as, event->id);
	old = *there;
	changed.place = old.place;
	changed.private = old.private;
	changed.bytes = old.bytes;
	changed.was = old.gpa;
	if (event->kind != LAYOUT_MOVE)
		changed.gpa = old.gpa;
	if (event->kind == LAYOUT_DELETE)
		changed.flags = old.flags;
	else if (old.private)
		return refuse(parser, KEY_id, "slot %u:%u has private memory and cannot be changed", old.as, old.id);
	if ((changed.flags ^ old.flags) & MMU_SLOT_READONLY)
		return refuse(parser, KEY_flags, "a slot stays what it is, rw or ro");
	if (event->kind == LAYOUT_MOVE && (event->bytes != old.bytes || event->private))
		return refuse(parser, event->private ? KEY_private : KEY_size,
			      "a slot that moves keeps its size, 0x%" PRIx64 ", and has no private memory", old.bytes);
	if (event->kind == LAYOUT_MOVE && !check_range(parser, &changed))
		return false;
	slot_leaves(parser, &old);
	if (!add_event(parser, &changed))
		return false;
	if (event->kind != LAYOUT_DELETE)
		slot_comes(parser, (uint32_t)parser->layout.nr_events - 1);
	return true;
}

/* One event of the line; @index: of a fill. */
static bool apply_one(struct parser *parser, const struct request *request, uint64_t index, bool spelt)
{
	const uint64_t *value = request->value;
	bool fill = request->verb == VERB_fill;
	struct layout_event event = {
		.kind = fill ? LAYOUT_SLOT : (enum layout_kind)request->verb,
		.spelt = spelt,
		.private = value[KEY_private],
		.as = (uint8_t)value[KEY_as],
		.id = (uint16_t)(value[KEY_id] + index),
		.flags = (uint32_t)value[KEY_flags],
		.line = request->line,
		.gpa = value[KEY_gpa] + index * value[KEY_stride],
		.bytes = value[KEY_size],
		.place = request->place,
	};

	if (!(request->given & (BIT(hva) | BIT(mem))))
		event.place = (struct layout_place){ LAYOUT_SPACE_GUEST, event.gpa };
	if (event.kind == LAYOUT_SLOT)
		return add_slot(parser, &event);
	if (event.kind != LAYOUT_ATTR)
		return change_slot(parser, &event);
	return check_range(parser, &event) && check_private(parser, &event) && add_event(parser, &event);
}

static bool apply(struct parser *parser, const struct request *request, bool spelt)
{
	uint64_t count = request->verb == VERB_fill ? request->value[KEY_count] : 1;

	if (!count || request->value[KEY_id] + count > LAYOUT_IDS)
		return refuse(parser, KEY_count, "ids are 0 to %u: count=1 to count=%" PRIu64, LAYOUT_IDS - 1,
			      LAYOUT_IDS - request->value[KEY_id]);
	for (uint64_t i = 0; i < count; i++) {
		if (!apply_one(parser, request, i, spelt || (i && i + 1 < count)))
			return false;
	}
	return true;
}

static void remember(struct parser *parser, const struct request *request)
{
	if (parser->nr_requests == parser->room) {
		parser->room = parser->room ? 2 * parser->room : 64;
		parser->requests = realloc(parser->requests, parser->room * sizeof(*parser->requests));
		HOST_ASSERT(parser->requests);
	}
	parser->requests[parser->nr_requests++] = *request;
}

static bool repeat(struct parser *parser, const struct request *request)
{
	uint64_t last = request->value[KEY_last], times = request->value[KEY_times];

	if (!last || last > parser->nr_requests)
		return scan_fail(&parser->reader.scanner, parser->reader.word[KEY_last].text,
				 "%" PRIu64 " event lines: 1 to %zu stand above, since the last repeat", last,
				 parser->nr_requests);
	for (uint64_t i = 0; i < times; i++) {
		for (uint64_t line = 0; line < last; line++) {
			parser->replayed = &parser->requests[parser->nr_requests - last + line];
			if (!apply(parser, parser->replayed, i + 1 < times))
				return false;
		}
	}
	parser->replayed = NULL;
	parser->nr_requests = 0;
	return true;
}

static bool parse_events(struct parser *parser)
{
	while (scan_line(&parser->reader.scanner)) {
		struct request request;

		if (!layout_line(&parser->reader, &request))
			return false;
		if (request.verb == VERB_repeat) {
			if (!repeat(parser, &request))
				return false;
			continue;
		}
		if (!apply(parser, &request, false))
			return false;
		remember(parser, &request);
	}
	return true;
}

static bool make_program(struct parser *parser, struct program *program)
{
	const struct layout *layout = &parser->layout;
	const struct layout_event *event = NULL;
	struct layout_runs memory, files;
	struct program_error *error = parser->reader.scanner.error;
	bool fits, made;

	fits = layout_place_memory(layout, &memory, &event);
	layout_place_private(layout, &files);
	made = fits && layout_emit(layout, &memory, &files, program);
	*error = (struct program_error){ .line = fits ? 1 : event->line, .column = 1 };
	if (!fits)
		snprintf(error->text, sizeof(error->text),
			 "from here on the slots show more than 0x%lx bytes of memory", HOST_HVA_BYTES);
	else if (!made)
		snprintf(error->text, sizeof(error->text), "more than %u operations", PROGRAM_OPS_MAX);
	free(memory.run);
	free(files.run);
	return made;
}

bool layout_parse(const char *text, size_t size, struct program *program, struct program_error *error)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	bool parsed;

	HOST_ASSERT(parser);
	program_init(program);
	scan_begin(&parser->reader.scanner, text, size, error);
	parsed = parse_events(parser) && make_program(parser, program);
	if (!parsed) {
		program_free(program);
		program_init(program);
	}
	free(parser->layout.events);
	free(parser->requests);
	free(parser);
	return parsed;
}
