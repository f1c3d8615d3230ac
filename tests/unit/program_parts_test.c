// SPDX-License-Identifier: GPL-2.0-only
/*
 * program_parts_test.c - the parts of a program: streams in order, limits, what the header means, files.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "harness/program/program.h"
#include "harness/world/world.h"

static struct op op_of(enum op_code code, uint8_t thread, uint64_t first)
{
	return (struct op){ .code = (uint8_t)code, .thread = thread, .argument = { first } };
}

static void append_keeps_streams_in_order(void)
{
	static const uint8_t threads[] = { 3, 0, PROGRAM_SETUP, 3, 1, 0, PROGRAM_SETUP };
	static const uint8_t wanted[] = { PROGRAM_SETUP, PROGRAM_SETUP, 0, 0, 1, 3, 3 };
	static const uint64_t order[] = { 2, 6, 1, 5, 4, 0, 3 };
	struct program program;

	program_init(&program);
	for (unsigned int i = 0; i < sizeof(threads); i++) {
		struct op op = op_of(OP_host_split, threads[i], i);

		CHECK(program_append(&program, &op));
	}
	for (unsigned int i = 0; i < sizeof(threads); i++)
		CHECK(program.ops[i].thread == wanted[i] && program.ops[i].argument[0] == order[i]);
	CHECK(program_threads(&program) == 4);
	program_remove(&program, 5, 2);
	CHECK(program_threads(&program) == 2 && program.nr_ops == 5);
	program_free(&program);
	CHECK(!program_threads(&program));
}

static void append_reduces_arguments(void)
{
	struct op op = { .code = OP_slot_flags, .argument = { 0x1ff, 0x12345, 0xff, 9 } };
	struct program program;

	program_init(&program);
	CHECK(program_append(&program, &op));
	CHECK(program.ops[0].argument[0] == 0xff);
	CHECK(program.ops[0].argument[1] == 0x2345);
	CHECK(program.ops[0].argument[2] == 0x1f);
	CHECK(program.ops[0].argument[3] == 0);
	program_free(&program);
}

static void there_is_a_largest_program(void)
{
	const struct op op = op_of(OP_barrier, 0, 0);
	struct program program;

	program_init(&program);
	for (size_t i = 0; i < PROGRAM_OPS_MAX; i++)
		CHECK(program_append(&program, &op));
	CHECK(!program_append(&program, &op) && program.nr_ops == PROGRAM_OPS_MAX);
	program_free(&program);
}

static void removed_room_is_used_again(void)
{
	struct program program, copy;

	program_init(&program);
	for (unsigned int i = 0; i < 100; i++) {
		struct op op = op_of(OP_host_split, 0, i);

		CHECK(program_append(&program, &op));
	}
	program_remove(&program, 1, 98);
	program_copy(&copy, &program);
	CHECK(program_equal(&program, &copy));
	for (unsigned int i = 0; i < 50; i++) {
		struct op op = op_of(OP_host_split, 0, i);

		CHECK(program_append(&program, &op) && program_append(&copy, &op));
	}
	CHECK(program_equal(&program, &copy));
	copy.ops[51].argument[0]++;
	CHECK(!program_equal(&program, &copy));
	program_free(&program);
	program_free(&copy);
}

static void presets_are_the_usual_machine(void)
{
	struct mmu_core_config machine;
	struct mmu_vm_config vm;
	struct world_options options;
	struct program program;

	program_init(&program);
	program_machine(&program, &machine);
	program_vm(&program, &vm, &options);
	CHECK(machine.paging == MMU_PAGING_EPT && machine.accessed_dirty && machine.pml && machine.tdp);
	CHECK(machine.root_level == 4 && machine.maxphyaddr == 46 && machine.level_max == MMU_LEVEL_1G);
	CHECK(machine.nx_huge_pages && machine.eager_split);
	CHECK(vm.type == MMU_VM_DEFAULT && !vm.mm && !vm.dirty_ring_bytes && vm.quirk_slot_zap_all);
	CHECK(!vm.manual_dirty_protect && !vm.dirty_initially_set && options.vcpus == 1);
}

static void header_choices_arrive(void)
{
	struct mmu_core_config machine;
	struct mmu_vm_config vm;
	struct world_options options;
	struct program program;

	program_init(&program);
	program.field[PROGRAM_MACHINE_paging] = 1;
	program.field[PROGRAM_MACHINE_ad] = 0;
	program.field[PROGRAM_MACHINE_levels] = 1;
	program.field[PROGRAM_MACHINE_maxphyaddr] = 5;
	program.field[PROGRAM_MACHINE_level_max] = 0;
	program.field[PROGRAM_VM_type] = 1;
	program.field[PROGRAM_VM_dirty] = 2;
	program.field[PROGRAM_VM_vcpus] = 3;
	program_machine(&program, &machine);
	program_vm(&program, &vm, &options);
	CHECK(machine.paging == MMU_PAGING_NPT && machine.accessed_dirty && !machine.pml);
	CHECK(machine.root_level == 5 && machine.maxphyaddr == 52 && machine.level_max == MMU_LEVEL_4K);
	CHECK(vm.type == MMU_VM_SW_PROTECTED && vm.manual_dirty_protect && vm.dirty_initially_set);
	CHECK(!vm.dirty_ring_bytes && options.vcpus == 4);
	program.field[PROGRAM_VM_dirty] = 3;
	program_vm(&program, &vm, &options);
	CHECK(vm.dirty_ring_bytes && !vm.manual_dirty_protect);
}

/* Both forms of a file, and nothing beside them. */
static void what_is_saved_is_loaded(void)
{
	char folder[] = "/tmp/program_parts.XXXXXX", path[64];
	struct program program, again;
	struct stat status;

	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/program", folder);
	program_generate(&program, 7, 3, 50);
	for (int text = 0; text < 2; text++) {
		CHECK(program_save(path, &program, text, stderr));
		CHECK(!stat(path, &status) && (text || (size_t)status.st_size == program_encoded_size(&program)));
		CHECK(program_load(path, &again, stderr));
		CHECK(program_equal(&program, &again));
		program_free(&again);
	}
	program_free(&program);
	CHECK(!unlink(path) && !rmdir(folder));
}

static void load_says(const char *bytes, size_t size, const char *wanted)
{
	char path[] = "/tmp/program_load.XXXXXX", said[512] = "", expected[512];
	FILE *errors = fmemopen(said, sizeof(said), "w");
	int file = mkstemp(path);
	struct program program;

	CHECK(file >= 0 && write(file, bytes, size) == (ssize_t)size && !close(file));
	CHECK(!program_load(path, &program, errors));
	fclose(errors);
	snprintf(expected, sizeof(expected), "%s%s\n", path, wanted);
	if (strcmp(said, expected))
		fprintf(stderr, "said    %swanted  %s", said, expected);
	CHECK(!strcmp(said, expected));
	CHECK(!program.nr_ops && program.field[PROGRAM_MACHINE_ad] == 1);
	CHECK(!unlink(path));
}

static void load_says_what_is_wrong(void)
{
	load_says("", 0, ":1:1: nothing is here: a program begins with 'mmut 1'");
	load_says("mmut 1\nfoo\n", 11, ":2:1: no operation 'foo'; docs/OPS.md lists them");
	load_says("\x02", 1, ": bytes of format 2: this reads format 1");
	load_says("\x7f"
		  "ELF",
		  4, ":1:1: '?ELF': a program begins with 'mmut 1'");
}

int main(void)
{
	RUN(append_keeps_streams_in_order);
	RUN(append_reduces_arguments);
	RUN(there_is_a_largest_program);
	RUN(removed_room_is_used_again);
	RUN(presets_are_the_usual_machine);
	RUN(header_choices_arrive);
	RUN(what_is_saved_is_loaded);
	RUN(load_says_what_is_wrong);
	return 0;
}
