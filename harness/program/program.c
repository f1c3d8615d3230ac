// SPDX-License-Identifier: GPL-2.0-only
/*
 * program.c - the life of a program, and its parts.
 */
#include "harness/program/program.h"

#include <stdlib.h>
#include <string.h>

#include "harness/program/parts.h"
#include "harness/world/world.h"

#define ROOM_LEAST 8
#define RING_BYTES 16384 /* 1024 entries, of which KVM reserves up to 576: fills soon */
#define ATTRIBUTE_GFNS_LEAST ((uint64_t)1 << 19) /* 2 GiB */
#define ATTRIBUTE_GFNS_MAX ((uint64_t)1 << 24) /* 64 GiB */

/* ------------------------------------------------------------------------------------------------------------- life */

void program_init(struct program *program)
{
	*program = (struct program){ 0 };
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		program->field[i] = program_field_rows[i].preset;
}

void program_free(struct program *program)
{
	free(program->ops);
	free(program->schedule);
	*program = (struct program){ 0 };
}

static size_t room_for(size_t nr_ops)
{
	size_t room = ROOM_LEAST;

	while (room < nr_ops)
		room *= 2;
	return room;
}

void program_reserve(struct program *program, size_t nr_ops)
{
	size_t room = room_for(nr_ops);

	/* What program_remove() left is at least as large as this thinks. */
	if (program->ops && room <= room_for(program->nr_ops))
		return;
	program->ops = realloc(program->ops, room * sizeof(*program->ops));
	HOST_ASSERT(program->ops);
}

void program_copy(struct program *to, const struct program *from)
{
	*to = *from;
	to->ops = NULL;
	to->schedule = NULL;
	if (from->nr_ops) {
		to->nr_ops = 0;
		program_reserve(to, from->nr_ops);
		memcpy(to->ops, from->ops, from->nr_ops * sizeof(*to->ops));
		to->nr_ops = from->nr_ops;
	}
	if (from->schedule_bytes) {
		to->schedule = malloc(from->schedule_bytes);
		HOST_ASSERT(to->schedule);
		memcpy(to->schedule, from->schedule, from->schedule_bytes);
	}
}

/* ------------------------------------------------------------------------------------------------------------ parts */

bool program_append(struct program *program, const struct op *op)
{
	size_t at = program->nr_ops;
	struct op copy = *op;

	if (program->nr_ops == PROGRAM_OPS_MAX)
		return false;
	op_reduce(&copy);
	program_reserve(program, program->nr_ops + 1);
	while (at && op_stream(&program->ops[at - 1]) > op_stream(&copy))
		at--;
	memmove(&program->ops[at + 1], &program->ops[at], (program->nr_ops - at) * sizeof(*program->ops));
	program->ops[at] = copy;
	program->nr_ops++;
	return true;
}

void program_remove(struct program *program, size_t first, size_t count)
{
	HOST_ASSERT(first <= program->nr_ops && count <= program->nr_ops - first);
	if (!count)
		return;
	memmove(&program->ops[first], &program->ops[first + count],
		(program->nr_ops - first - count) * sizeof(*program->ops));
	program->nr_ops -= count;
}

static bool op_equal(const struct op *a, const struct op *b)
{
	return a->code == b->code && a->thread == b->thread && !memcmp(a->argument, b->argument, sizeof(a->argument));
}

bool program_equal(const struct program *a, const struct program *b)
{
	if (memcmp(a->field, b->field, sizeof(a->field)) || a->nr_ops != b->nr_ops ||
	    a->schedule_bytes != b->schedule_bytes)
		return false;
	for (size_t i = 0; i < a->nr_ops; i++) {
		if (!op_equal(&a->ops[i], &b->ops[i]))
			return false;
	}
	return !a->schedule_bytes || !memcmp(a->schedule, b->schedule, a->schedule_bytes);
}

unsigned int program_threads(const struct program *program)
{
	/* The last operation is one of the last stream. */
	return program->nr_ops ? op_stream(&program->ops[program->nr_ops - 1]) : 0;
}

void program_sort(struct program *program)
{
	size_t next[STREAMS + 1] = { 0 };
	bool sorted = true;
	struct op *ops;

	for (size_t i = 0; i < program->nr_ops; i++) {
		next[op_stream(&program->ops[i]) + 1]++;
		sorted &= !i || op_stream(&program->ops[i - 1]) <= op_stream(&program->ops[i]);
	}
	if (sorted)
		return;
	for (unsigned int stream = 1; stream < STREAMS; stream++)
		next[stream] += next[stream - 1];
	ops = malloc(room_for(program->nr_ops) * sizeof(*ops));
	HOST_ASSERT(ops);
	for (size_t i = 0; i < program->nr_ops; i++)
		ops[next[op_stream(&program->ops[i])]++] = program->ops[i];
	free(program->ops);
	program->ops = ops;
}

/* ----------------------------------------------------------------------------------------------------------- header */

static unsigned int field_number(const struct program *program, enum program_field field)
{
	char text[8];

	return (unsigned int)strtoul(
		choices_name(program_field_rows[field].choices, program->field[field], text, sizeof(text)), NULL, 10);
}

void program_machine(const struct program *program, struct mmu_core_config *config)
{
	const uint8_t *field = program->field;

	*config = (struct mmu_core_config){
		.paging = field[PROGRAM_MACHINE_paging] ? MMU_PAGING_NPT : MMU_PAGING_EPT,
		.accessed_dirty = field[PROGRAM_MACHINE_ad] || field[PROGRAM_MACHINE_paging],
		.root_level = (uint8_t)field_number(program, PROGRAM_MACHINE_levels),
		.maxphyaddr = (uint8_t)field_number(program, PROGRAM_MACHINE_maxphyaddr),
		.level_max = MMU_LEVEL_4K + field[PROGRAM_MACHINE_level_max],
		.tdp = true,
		.nx_huge_pages = field[PROGRAM_MACHINE_nx],
		.eager_split = field[PROGRAM_MACHINE_eager_split],
	};
	config->pml = field[PROGRAM_MACHINE_pml] && config->paging == MMU_PAGING_EPT && config->accessed_dirty;
}

/* As many as the program's attributes are about: audits look at them all.  One of two, so that VMs are alike. */
static uint64_t attribute_gfns(const struct program *program)
{
	uint64_t gfns = 0;

	for (size_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];
		uint64_t end = (op->argument[0] + op->argument[1]) >> MMU_PAGE_SHIFT; /* gpa, bytes */

		if (op->code == OP_attributes_set && end > gfns && end <= ATTRIBUTE_GFNS_MAX)
			gfns = end;
	}
	return gfns > ATTRIBUTE_GFNS_LEAST ? ATTRIBUTE_GFNS_MAX : ATTRIBUTE_GFNS_LEAST;
}

void program_vm(const struct program *program, struct mmu_vm_config *vm_config, struct world_options *options)
{
	uint8_t dirty = program->field[PROGRAM_VM_dirty];

	*vm_config = (struct mmu_vm_config){
		.type = program->field[PROGRAM_VM_type] ? MMU_VM_SW_PROTECTED : MMU_VM_DEFAULT,
		.dirty_ring_bytes = dirty == DIRTY_RING ? RING_BYTES : 0,
		.manual_dirty_protect = dirty == DIRTY_MANUAL || dirty == DIRTY_INITSET,
		.dirty_initially_set = dirty == DIRTY_INITSET,
		.quirk_slot_zap_all = program->field[PROGRAM_VM_zap_all],
	};
	*options = (struct world_options){
		.vcpus = field_number(program, PROGRAM_VM_vcpus),
		.gfns = attribute_gfns(program),
	};
}
