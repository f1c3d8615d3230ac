// SPDX-License-Identifier: GPL-2.0-only
/*
 * scenario_program.c - small programs in which the roles of a scenario meet.
 *
 * One slot of two 2 MiB frames, with SMM another one in address space 1; all is done to one or two of its pages.
 */
#include "stress/scenario_program.h"

#include "harness/program/draw.h"

#define VCPUS 2
#define NPAGES 1024
#define BYTES (NPAGES << MMU_PAGE_SHIFT)
#define GPA 0x400000
#define MOVED_GPA 0x800000
#define NO_FILE 255
#define SAVE_AREA 1
#define SAVE_GPA 0x30000 /* SMBASE + 0xfe00 of KVM's reset state, rounded down */
#define SAVE_NPAGES 0x10
#define VCPU_STEPS 2
#define HOST_STEPS 2
#define HUGE_ONE_IN 4
#define HUGE_BYTES 0x200000

/* Values of operands.def and header.def. */
enum {
	READ = 1,
	WRITE = 2,
	FETCH = 4,
	PRIVATE = 8
};
enum {
	FIELD_VCPUS_2 = 1,
	FIELD_DIRTY_RING = 3
};
enum {
	LEVEL_4K,
	LEVEL_2M
};
enum {
	PUNCH_HOLE = 3,
	ALLOCATE = 1
};

struct small {
	struct draw draw;
	struct program *program;
	const struct scenario *scenario;
	bool protected, huge;
	uint64_t hot[2]; /* offsets in the slot, bytes */
};

static uint64_t below(struct small *small, uint64_t number)
{
	return draw_below(&small->draw, number);
}

static void add(struct small *small, unsigned int thread, struct op op)
{
	op.thread = (uint8_t)thread;
	program_append(small->program, &op);
}

#define ADD(small, thread, name, ...) add(small, thread, (struct op){ .code = OP_##name, .argument = { __VA_ARGS__ } })

static uint64_t hot(struct small *small)
{
	return small->hot[below(small, 2)];
}

/* A page or two; where pages may be huge, one of those now and then: they are many points that do not matter. */
static uint64_t few_bytes(struct small *small)
{
	if (small->huge && draw_one_in(&small->draw, 4))
		return HUGE_BYTES;
	return MMU_PAGE_SIZE << below(small, 2);
}

static void set_slot(struct small *small, unsigned int thread)
{
	ADD(small, thread, slot_set, 0, 0, small->protected ? MMU_SLOT_GMEM : 0, GPA, BYTES, area_start(0),
	    small->protected ? 0 : NO_FILE, 0);
}

/* ------------------------------------------------------------------------------------------------------------ roles */

static void step_faulter(struct small *small, unsigned int thread)
{
	const struct scenario *scenario = small->scenario;
	uint64_t percent = below(small, 100), how = FETCH;

	if (percent < scenario->reads)
		how = READ;
	else if (percent < scenario->reads + scenario->writes)
		how = WRITE;
	if (small->protected && !draw_one_in(&small->draw, 3))
		how |= PRIVATE;
	ADD(small, thread, access, thread, how, GPA + hot(small), 1 + below(small, 2), MMU_PAGE_SIZE);
}

static void step_prefaulter(struct small *small, unsigned int thread)
{
	ADD(small, thread, prefault, thread, GPA + hot(small), few_bytes(small));
}

static void step_smi(struct small *small, unsigned int thread)
{
	ADD(small, thread, smi, thread);
	step_faulter(small, thread);
	ADD(small, thread, rsm, thread);
}

static void step_notifier(struct small *small, unsigned int thread)
{
	hva_t hva = area_start(0) + hot(small);
	uint64_t npages = few_bytes(small) >> MMU_PAGE_SHIFT;

	switch (below(small, 8)) {
	case 0:
	case 1:
	case 2:
		ADD(small, thread, host_unmap, hva, npages);
		break;
	case 3:
		ADD(small, thread, host_protect, hva, npages);
		break;
	case 4:
		ADD(small, thread, host_migrate, hva);
		break;
	case 5:
		ADD(small, thread, host_split, hva);
		break;
	case 6:
		ADD(small, thread, host_collapse, hva);
		break;
	default:
		ADD(small, thread, host_age, hva, npages, below(small, 3));
	}
}

static void step_slotter(struct small *small, unsigned int thread)
{
	switch (below(small, 4)) {
	case 0:
	case 1:
		ADD(small, thread, slot_delete, 0, 0);
		if (below(small, 2))
			set_slot(small, thread);
		break;
	case 2:
		ADD(small, thread, slot_move, 0, 0, MOVED_GPA);
		ADD(small, thread, slot_move, 0, 0, GPA);
		break;
	default:
		ADD(small, thread, slot_flags, 0, 0, MMU_SLOT_LOG_DIRTY);
		ADD(small, thread, slot_flags, 0, 0, 0);
	}
}

static void step_attributer(struct small *small, unsigned int thread)
{
	ADD(small, thread, attributes_set, GPA + hot(small), few_bytes(small),
	    below(small, 2) ? MMU_ATTRIBUTE_PRIVATE : 0, 0);
}

static void step_gmem(struct small *small, unsigned int thread)
{
	ADD(small, thread, gmem_fallocate, 0, draw_one_in(&small->draw, 4) ? ALLOCATE : PUNCH_HOLE, hot(small),
	    few_bytes(small));
}

static void step_harvester(struct small *small, unsigned int thread)
{
	if (small->program->field[PROGRAM_VM_dirty] == FIELD_DIRTY_RING) {
		ADD(small, thread, ring_collect);
		return;
	}
	switch (below(small, 4)) {
	case 0:
	case 1:
		ADD(small, thread, slot_flags, 0, 0, below(small, 2) ? MMU_SLOT_LOG_DIRTY : 0);
		break;
	case 2:
		ADD(small, thread, dirty_clear, 0, 0, 0, 64, ~0ull);
		break;
	default:
		ADD(small, thread, dirty_get, 0, 0);
	}
}

static void step_nx(struct small *small, unsigned int thread)
{
	if (below(small, 2))
		ADD(small, thread, nx_recover);
	else
		ADD(small, thread, nx_set, below(small, 2));
}

static void step_pressure(struct small *small, unsigned int thread)
{
	ADD(small, thread, shrink, 1 + below(small, 64));
}

static void (*const steps[ROLES_COUNT])(struct small *small, unsigned int thread) = {
#define ROLE(name, side, summary) [ROLE_##name] = step_##name,
#include "stress/roles.def"
#undef ROLE
};

/* ------------------------------------------------------------------------------------------------------ the program */

static bool has_role(const struct small *small, enum role role)
{
	if (small->protected && role == ROLE_smi)
		return false;
	if (!small->protected && (role == ROLE_attributer || role == ROLE_gmem))
		return false;
	return small->scenario->roles >> role & 1;
}

/* One of the scenario's roles of @side; ROLES_COUNT: it has none. */
static enum role draw_role(struct small *small, enum role_side side)
{
	unsigned int count = 0, skip;

	for (enum role role = 0; role < ROLES_COUNT; role++)
		count += has_role(small, role) && role_rows[role].side == side;
	if (!count)
		return ROLES_COUNT;
	skip = (unsigned int)below(small, count);
	for (enum role role = 0;; role++) {
		if (has_role(small, role) && role_rows[role].side == side && !skip--)
			return role;
	}
}

static void set_up(struct small *small)
{
	uint8_t *field = small->program->field;

	field[PROGRAM_VM_type] = small->protected;
	field[PROGRAM_VM_vcpus] = FIELD_VCPUS_2;
	ADD(small, PROGRAM_SETUP, host_area, area_start(0), NPAGES, small->huge ? LEVEL_2M : LEVEL_4K, 1);
	if (small->protected)
		ADD(small, PROGRAM_SETUP, gmem_create, BYTES, 0);
	set_slot(small, PROGRAM_SETUP);
	if (small->protected && below(small, 2))
		ADD(small, PROGRAM_SETUP, attributes_set, GPA, BYTES, MMU_ATTRIBUTE_PRIVATE, 0);
	if (has_role(small, ROLE_smi)) {
		ADD(small, PROGRAM_SETUP, slot_set, 1, 0, 0, GPA, BYTES / 2, area_start(0) + BYTES / 2, NO_FILE, 0);
		ADD(small, PROGRAM_SETUP, host_area, area_start(SAVE_AREA), SAVE_NPAGES, LEVEL_4K, 1);
		ADD(small, PROGRAM_SETUP, slot_set, 1, 1, 0, SAVE_GPA, SAVE_NPAGES << MMU_PAGE_SHIFT,
		    area_start(SAVE_AREA), NO_FILE, 0);
	}
	if (has_role(small, ROLE_harvester)) {
		field[PROGRAM_VM_dirty] = (uint8_t)below(small, FIELD_DIRTY_RING + 1);
		ADD(small, PROGRAM_SETUP, slot_flags, 0, 0, below(small, 2) ? MMU_SLOT_LOG_DIRTY : 0);
	}
}

void scenario_program(const struct scenario *scenario, enum mmu_vm_type type, uint64_t seed, struct program *program)
{
	static const uint64_t offsets[] = { 0, 0x1000, 0x1ff000, 0x200000 };
	struct small small = {
		.draw = { seed },
		.program = program,
		.scenario = scenario,
		.protected = type == MMU_VM_SW_PROTECTED,
	};
	unsigned int threads = VCPUS, host_threads = 1 + (unsigned int)below(&small, 2);
	enum role role;

	program_init(program);
	small.huge = draw_one_in(&small.draw, has_role(&small, ROLE_harvester) ? 2 : HUGE_ONE_IN);
	for (unsigned int i = 0; i < 2; i++)
		small.hot[i] = offsets[below(&small, sizeof(offsets) / sizeof(offsets[0]))];
	set_up(&small);
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++) {
		for (unsigned int i = 0; i < VCPU_STEPS; i++)
			steps[draw_role(&small, ROLE_SIDE_VCPU)](&small, vcpu);
		step_faulter(&small, vcpu);
	}
	for (unsigned int i = 0; i < host_threads * HOST_STEPS; i++) {
		role = draw_role(&small, ROLE_SIDE_HOST);
		if (role != ROLES_COUNT)
			steps[role](&small, threads + i / HOST_STEPS);
	}
}

void scenario_machine(uint64_t seed, struct program *program)
{
	uint8_t *field = program->field;

	field[PROGRAM_MACHINE_pml] = seed & 1;
	field[PROGRAM_MACHINE_ad] = seed % 4 != 2;
	field[PROGRAM_MACHINE_paging] = seed % 8 == 4;
}

void collision_program(enum mmu_vm_type type, struct program *program)
{
	struct small small = { .program = program, .protected = type == MMU_VM_SW_PROTECTED };

	program_init(program);
	program->field[PROGRAM_VM_type] = small.protected;
	program->field[PROGRAM_VM_vcpus] = FIELD_VCPUS_2;
	ADD(&small, PROGRAM_SETUP, host_area, area_start(0), NPAGES, LEVEL_4K, 1);
	if (small.protected)
		ADD(&small, PROGRAM_SETUP, gmem_create, BYTES, 0);
	set_slot(&small, PROGRAM_SETUP);
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++) {
		ADD(&small, vcpu, fault, vcpu, WRITE, 0, GPA);
		ADD(&small, vcpu, fault, vcpu, READ, 0, GPA);
		ADD(&small, vcpu, access, vcpu, WRITE, GPA, 1, 0);
	}
	ADD(&small, VCPUS, host_unmap, area_start(0), 1);
	ADD(&small, VCPUS + 1, slot_delete, 0, 0);
}
