// SPDX-License-Identifier: GPL-2.0-only
/*
 * generate.c - a program that makes sense: a VM with memory, slots and files, and then operations on them.
 *
 * The layouts are in the spirit of stress/layout.def: small enough that threads collide, odd enough to meet the edges.
 */
#include "harness/program/choose.h"
#include "harness/program/parts.h"

#define AREAS_MAX 6
#define SLOTS_MAX 6
#define FILE_NPAGES 0x1800
#define FIRST_GFN 0x400
#define NO_FILE 255
#define SAVE_AREA (PROGRAM_AREAS - 1)
#define SAVE_GFN 0x30 /* SMBASE + 0xfe00 of KVM's reset state; a VM whose SMI finds no memory there is dead */
#define SAVE_NPAGES 0x10
#define WILD 24

struct area {
	uint64_t npages, skew;
};

struct generation {
	struct program *program;
	struct chooser chooser;
	struct area areas[AREAS_MAX];
	unsigned int nr_areas;
	uint64_t file_npages; /* used of the one guest_memfd; FILE_NPAGES: there is none */
	bool protected, ring, logging;
	bool smm; /* SMIs find memory to save the state in */
};

static uint64_t below(struct generation *generation, uint64_t number)
{
	return draw_below(&generation->chooser.draw, number);
}

static bool one_in(struct generation *generation, uint64_t number)
{
	return draw_one_in(&generation->chooser.draw, number);
}

static void setup(struct generation *generation, struct op op)
{
	op.thread = PROGRAM_SETUP;
	program_append(generation->program, &op);
}

#define SETUP(generation, name, ...) setup(generation, (struct op){ .code = OP_##name, .argument = { __VA_ARGS__ } })

/* ----------------------------------------------------------------------------------------------------------- header */

static void generate_header(struct generation *generation)
{
	uint8_t *field = generation->program->field;

	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (one_in(generation, 4))
			field[i] = (uint8_t)below(generation, field_choices(i));
	}
	/* gfns above its end are an error that few programs are about. */
	field[PROGRAM_MACHINE_maxphyaddr] = program_field_rows[PROGRAM_MACHINE_maxphyaddr].preset;
	field[PROGRAM_VM_type] = (uint8_t)below(generation, field_choices(PROGRAM_VM_type));
	generation->protected = field[PROGRAM_VM_type];
	generation->ring = field[PROGRAM_VM_dirty] == DIRTY_RING;
	generation->logging = one_in(generation, 2);
	generation->smm = !generation->protected && one_in(generation, 2);
}

/* ----------------------------------------------------------------------------------------------------------- memory */

static void generate_areas(struct generation *generation)
{
	static const uint64_t sizes[] = { 0x10, 0x200, 0x300, 0x400, 0x800, 0x1000 };

	generation->nr_areas = 2 + (unsigned int)below(generation, AREAS_MAX - 1);
	for (unsigned int i = 0; i < generation->nr_areas; i++) {
		struct area *area = &generation->areas[i];

		area->npages = sizes[below(generation, sizeof(sizes) / sizeof(sizes[0]))];
		area->skew = one_in(generation, 4) ? 1 + below(generation, 511) : 0;
		SETUP(generation, host_area, area_start(i) + (area->skew << MMU_PAGE_SHIFT), area->npages,
		      below(generation, operand_choices(OPERAND_LEVEL)), !one_in(generation, 8));
	}
}

static uint64_t slot_flags(struct generation *generation, bool file)
{
	uint64_t flags = one_in(generation, generation->logging ? 2 : 12) ? MMU_SLOT_LOG_DIRTY : 0;

	if (file)
		return flags | MMU_SLOT_GMEM;
	return flags | (one_in(generation, 8) ? MMU_SLOT_READONLY : 0);
}

/* @gfn: at or behind it; the first gfn behind the slot is returned. */
static gfn_t generate_slot(struct generation *generation, uint64_t as, uint64_t id, gfn_t gfn)
{
	unsigned int i = (unsigned int)below(generation, generation->nr_areas);
	const struct area *area = &generation->areas[i];
	uint64_t first = one_in(generation, 2) ? 0 : below(generation, area->npages);
	uint64_t npages = one_in(generation, 2) ? area->npages - first : 1 + below(generation, area->npages - first);
	bool file = npages <= FILE_NPAGES - generation->file_npages && !one_in(generation, 3);
	uint64_t offset = file ? generation->file_npages : 0;

	/* Half of the slots can have huge pages: gfns and host pages agree modulo 2M. */
	gfn += one_in(generation, 2) ? (area->skew + first - gfn) & 511 : below(generation, 32);
	SETUP(generation, slot_set, as, id, slot_flags(generation, file), gfn << MMU_PAGE_SHIFT,
	      npages << MMU_PAGE_SHIFT, area_start(i) + ((area->skew + first) << MMU_PAGE_SHIFT), file ? 0 : NO_FILE,
	      offset << MMU_PAGE_SHIFT);
	generation->file_npages += file ? npages : 0;
	return gfn + npages;
}

static void generate_slots(struct generation *generation)
{
	uint64_t slots = 1 + below(generation, SLOTS_MAX);
	uint64_t smm_slots = generation->protected ? 0 : below(generation, 3);
	gfn_t end = FIRST_GFN, smm_end = FIRST_GFN;

	generation->file_npages = FILE_NPAGES;
	if (generation->protected) {
		SETUP(generation, gmem_create, FILE_NPAGES << MMU_PAGE_SHIFT, 0);
		generation->file_npages = 0;
	}
	for (uint64_t id = 0; id < slots; id++)
		end = generate_slot(generation, 0, id, end);
	for (uint64_t id = 0; id < smm_slots; id++)
		smm_end = generate_slot(generation, 1, id, smm_end);
	if (generation->protected && one_in(generation, 2))
		SETUP(generation, attributes_set, FIRST_GFN << MMU_PAGE_SHIFT, (end - FIRST_GFN) << MMU_PAGE_SHIFT,
		      MMU_ATTRIBUTE_PRIVATE, 0);
	if (generation->smm) {
		SETUP(generation, host_area, area_start(SAVE_AREA), SAVE_NPAGES, 0, 1);
		SETUP(generation, slot_set, 1, smm_slots, 0, SAVE_GFN << MMU_PAGE_SHIFT, SAVE_NPAGES << MMU_PAGE_SHIFT,
		      area_start(SAVE_AREA), NO_FILE, 0);
	}
}

/* ------------------------------------------------------------------------------------------------------- operations */

/* How much more often than once; what a new row of ops.def does not ask for comes now and then all the same. */
struct weights {
	uint8_t more[OPS_COUNT];
};

static const struct weights always = { {
	[OP_access] = 80,
	[OP_edges] = 8,
	[OP_fault] = 8,
	[OP_prefault] = 4,
	[OP_host_unmap] = 12,
	[OP_host_protect] = 9,
	[OP_host_migrate] = 9,
	[OP_host_split] = 4,
	[OP_host_collapse] = 4,
	[OP_host_age] = 3,
	[OP_window_open] = 1,
	[OP_window_close] = 5,
	[OP_slot_set] = 4,
	[OP_slot_delete] = 2,
	[OP_slot_move] = 3,
	[OP_slot_flags] = 6,
	[OP_nx_recover] = 3,
} };
static const struct weights with_smm = { { [OP_smi] = 4, [OP_rsm] = 4 } };
static const struct weights without = { { 0 } };
static const struct weights in_protected = { { [OP_attributes_set] = 16, [OP_gmem_fallocate] = 12 } };
static const struct weights with_bitmap = { { [OP_dirty_get] = 7, [OP_dirty_clear] = 7 } };
static const struct weights with_ring = { { [OP_ring_collect] = 6 } };

static unsigned int weight(const struct generation *generation, enum op_code code)
{
	if (code == OP_smi && !generation->smm)
		return 0;
	return 1u + always.more[code] + (generation->protected ? &in_protected : &without)->more[code] +
	       (generation->smm ? &with_smm : &without)->more[code] +
	       (generation->ring ? &with_ring : &with_bitmap)->more[code];
}

static uint8_t pick_code(struct generation *generation)
{
	uint64_t total = 0, left;
	enum op_code code = 0;

	for (unsigned int i = 0; i < OPS_COUNT; i++)
		total += weight(generation, i);
	for (left = below(generation, total); left >= weight(generation, code); code++)
		left -= weight(generation, code);
	return (uint8_t)code;
}

void program_generate(struct program *program, uint64_t seed, unsigned int threads, size_t nr_ops)
{
	struct generation generation = { .program = program, .chooser = { .draw = { seed }, .wild = WILD } };

	HOST_ASSERT(threads >= 1 && threads <= PROGRAM_THREADS_MAX);
	program_init(program);
	generate_header(&generation);
	generate_areas(&generation);
	generate_slots(&generation);
	for (unsigned int thread = 0; thread < threads; thread++) {
		for (size_t i = nr_ops * thread / threads; i < nr_ops * (thread + 1) / threads; i++) {
			struct op op = { .code = pick_code(&generation), .thread = (uint8_t)thread };

			choose_arguments(&generation.chooser, program, &op);
			if (!program_append(program, &op))
				return;
		}
	}
}
