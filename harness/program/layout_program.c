// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout_program.c - the events of a layout as operations, and what a vCPU does after each (layout.h).
 *
 * Not done: accesses of a second vCPU meanwhile; stress and schedules are for that.
 */
#include "harness/program/layout_parts.h"

#define GIB ((uint64_t)1 << 30)
#define NO_FILE 255 /* OPERAND GMEM: none at all */
#define NO_SLOT (-1)
#define SAVE_AREA_GPA 0x3f000 /* SMBASE + 0xfe00 of KVM's reset state is on that page */

struct emitter {
	const struct layout *layout;
	const struct layout_runs *memory, *files;
	struct program *program;
	uint8_t thread;
	bool full;
	int save_slot; /* the id in address space 1 that shows the SMM state-save area, or NO_SLOT */
	size_t every; /* which of the events that fill and repeat spelt out have accesses */
	size_t spelt; /* of them so far */
};

static void emit(struct emitter *emitter, struct op op)
{
	op.thread = emitter->thread;
	if (!program_append(emitter->program, &op))
		emitter->full = true;
}

#define EMIT(emitter, name, ...) emit(emitter, (struct op){ .code = OP_##name, .argument = { __VA_ARGS__ } })

/* ------------------------------------------------------------------------------------------------------------ setup */

static void emit_setup(struct emitter *emitter)
{
	emitter->thread = PROGRAM_SETUP;
	for (size_t i = 0; i < emitter->memory->nr_runs; i++) {
		const struct layout_run *run = &emitter->memory->run[i];
		uint64_t bytes = run->end - run->start;
		int level = bytes < GIB ? MMU_LEVEL_2M : MMU_LEVEL_1G;

		EMIT(emitter, host_area, run->to, bytes >> MMU_PAGE_SHIFT, level - MMU_LEVEL_4K, true);
	}
	if (emitter->files->end)
		EMIT(emitter, gmem_create, emitter->files->end, 0);
	emitter->thread = 0;
}

/* ----------------------------------------------------------------------------------------------------------- events */

static void emit_slot(struct emitter *emitter, const struct layout_event *event)
{
	hva_t hva = layout_placed(emitter->memory, event->place.space, event->place.at);
	uint64_t offset = event->private ? layout_placed(emitter->files, LAYOUT_SPACE_GUEST, event->gpa) : 0;

	EMIT(emitter, slot_set, event->as, event->id, event->flags | (event->private ? MMU_SLOT_GMEM : 0), event->gpa,
	     event->bytes, hva, event->private ? 0 : NO_FILE, offset);
}

static void note_save_area(struct emitter *emitter, const struct layout_event *event)
{
	bool shows = event->kind != LAYOUT_DELETE && event->gpa <= SAVE_AREA_GPA &&
		     event->gpa + event->bytes > SAVE_AREA_GPA && !(event->flags & MMU_SLOT_READONLY);

	if (event->as != 1)
		return;
	if (shows)
		emitter->save_slot = event->id;
	else if (emitter->save_slot == event->id)
		emitter->save_slot = NO_SLOT;
}

static void emit_event(struct emitter *emitter, const struct layout_event *event)
{
	switch (event->kind) {
	case LAYOUT_SLOT:
		emit_slot(emitter, event);
		break;
	case LAYOUT_DELETE:
		EMIT(emitter, slot_delete, event->as, event->id);
		break;
	case LAYOUT_FLAGS:
		EMIT(emitter, slot_flags, event->as, event->id, event->flags);
		break;
	case LAYOUT_MOVE:
		EMIT(emitter, slot_move, event->as, event->id, event->gpa);
		break;
	case LAYOUT_ATTR:
		EMIT(emitter, attributes_set, event->gpa, event->bytes, event->private ? MMU_ATTRIBUTE_PRIVATE : 0, 0);
		break;
	}
	note_save_area(emitter, event);
}

/* --------------------------------------------------------------------------------------------------------- accesses */

/* The first page and the last. */
static void emit_ends(struct emitter *emitter, gpa_t gpa, uint64_t bytes, uint32_t claim)
{
	uint64_t count = bytes > MMU_PAGE_SIZE ? 2 : 1;

	EMIT(emitter, access, 0, MMU_READ | claim, gpa, count, bytes - MMU_PAGE_SIZE);
	EMIT(emitter, access, 0, MMU_WRITE | claim, gpa, count, bytes - MMU_PAGE_SIZE);
}

static void emit_looks(struct emitter *emitter, const struct layout_event *event, unsigned int as)
{
	if (event->kind == LAYOUT_ATTR) {
		emit_ends(emitter, event->gpa, event->bytes, event->private ? MMU_PRIVATE : 0);
		if (event->gpa)
			emit_ends(emitter, event->gpa - MMU_PAGE_SIZE, event->bytes + 2 * MMU_PAGE_SIZE, 0);
		return;
	}
	if (event->kind == LAYOUT_MOVE)
		emit_ends(emitter, event->was, event->bytes, 0);
	if (event->as != as || event->kind == LAYOUT_DELETE) {
		emit_ends(emitter, event->gpa, event->bytes, 0);
		return;
	}
	EMIT(emitter, edges, 0, as, event->id, MMU_READ);
	EMIT(emitter, edges, 0, as, event->id, MMU_WRITE);
}

static bool has_accesses(struct emitter *emitter, const struct layout_event *event)
{
	return !event->spelt || emitter->spelt++ % emitter->every == 0;
}

static void emit_accesses(struct emitter *emitter, const struct layout_event *event)
{
	if (!has_accesses(emitter, event))
		return;
	emit_looks(emitter, event, 0);
	if (emitter->save_slot == NO_SLOT)
		return;
	EMIT(emitter, smi, 0);
	emit_looks(emitter, event, 1);
	EMIT(emitter, rsm, 0);
}

static void emit_audit(struct emitter *emitter)
{
	EMIT(emitter, dirty_check, 0);
	EMIT(emitter, audit, 0);
}

static size_t count_spelt(const struct layout *layout)
{
	size_t count = 0;

	for (size_t i = 0; i < layout->nr_events; i++)
		count += layout->events[i].spelt;
	return count;
}

bool layout_emit(const struct layout *layout, const struct layout_runs *memory, const struct layout_runs *files,
		 struct program *program)
{
	struct emitter emitter = {
		.layout = layout,
		.memory = memory,
		.files = files,
		.program = program,
		.save_slot = NO_SLOT,
		.every = layout->nr_events > LAYOUT_EDGE_EVENTS ? count_spelt(layout) / LAYOUT_EDGE_EVENTS + 1 : 1,
	};
	size_t audit_every = layout->nr_events / LAYOUT_AUDITS_MAX + LAYOUT_AUDIT_EVENTS;

	program->field[PROGRAM_VM_type] = layout->private;
	emit_setup(&emitter);
	for (size_t i = 0; i < layout->nr_events && !emitter.full; i++) {
		emit_event(&emitter, &layout->events[i]);
		emit_accesses(&emitter, &layout->events[i]);
		if (i % audit_every == audit_every - 1)
			emit_audit(&emitter);
	}
	emit_audit(&emitter);
	return !emitter.full;
}
