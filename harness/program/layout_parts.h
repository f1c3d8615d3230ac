/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout_parts.h - a layout between its text and its program: events, and the memory that they show.
 *
 * layout_line.c    one line of text
 * layout.c         lines to events, fill and repeat spelt out; what is alive, so that only what can be replayed passes
 * layout_memory.c  where in the host process the memory is
 * layout_program.c events to operations
 */
#ifndef HARNESS_PROGRAM_LAYOUT_PARTS_H
#define HARNESS_PROGRAM_LAYOUT_PARTS_H

#include "harness/program/layout.h"

enum layout_kind {
	LAYOUT_SLOT,
	LAYOUT_DELETE,
	LAYOUT_FLAGS,
	LAYOUT_MOVE,
	LAYOUT_ATTR,
};

/* Whose addresses struct layout_place counts in.  NAMED is the first of those that layouts name. */
enum layout_space {
	LAYOUT_SPACE_GUEST,
	LAYOUT_SPACE_CAPTURED,
	LAYOUT_SPACE_NAMED,
};

struct layout_place {
	uint32_t space;
	uint64_t at;
};

/* A slot as it is after its event (DELETE: as it was before), or a range of attributes. */
struct layout_event {
	enum layout_kind kind;
	bool spelt; /* by fill or repeat, and neither the first nor the last of its line */
	bool private;
	uint8_t as;
	uint16_t id;
	uint32_t flags; /* enum mmu_slot_flags */
	uint32_t line;
	gpa_t gpa;
	gpa_t was; /* MOVE: where it was */
	uint64_t bytes;
	struct layout_place place;
};

struct layout {
	struct layout_event *events;
	size_t nr_events, room;
	bool private; /* a protected VM */
};

/* Where @event's memory is.  A row a run of memory that the slots show in one piece, by space and address. */
struct layout_run {
	uint32_t space;
	uint64_t start, end;
	uint64_t to; /* hva, or offset in the guest_memfd */
};

struct layout_runs {
	struct layout_run *run;
	size_t nr_runs;
	uint64_t end; /* above all of .to */
};

/* Host memory of all slots; @room: the size of hva space.  False: more than that, at @event. */
bool layout_place_memory(const struct layout *layout, struct layout_runs *runs, const struct layout_event **event);
/* Of the private slots in their guest_memfd, by gpa. */
void layout_place_private(const struct layout *layout, struct layout_runs *runs);
uint64_t layout_placed(const struct layout_runs *runs, uint32_t space, uint64_t at);

/* False: the program is full. */
bool layout_emit(const struct layout *layout, const struct layout_runs *memory, const struct layout_runs *files,
		 struct program *program);

#endif
