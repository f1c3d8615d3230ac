// SPDX-License-Identifier: GPL-2.0-only
/*
 * program_layout_test.c - what a layout becomes, and what is said about a wrong one.
 */
#include <string.h>

#include "check.h"
#include "harness/program/layout.h"
#include "harness/world/world.h"

/* ----------------------------------------------------------------------------------------------------------- errors */

#define SLOT0 "slot as=0 id=0 gpa=0x0 size=0x200000 flags=rw private=0\n"

static const struct {
	const char *text, *wanted;
} wrong[] = {
	{ "slto as=0\n", "1:1: 'slto' is no event: nearest is 'slot'" },
	{ "frobnicate\n", "1:1: 'frobnicate' is no event: slot, delete, flags, move, attr, fill or repeat" },
	{ "# fine\n\n  delete as=0\n", "3:14: 'id' is missing: delete as= id=" },
	{ "delete as=0 id=0 gpa=0x0\n", "1:18: 'gpa' does not belong here: delete as= id=" },
	{ "delete as=0 as=0 id=0\n", "1:13: 'as' stands there twice" },
	{ "delete as=2 id=0\n", "1:11: 2 is too large: at most 1" },
	{ "delete as=0 id=32764\n", "1:16: 32764 is too large: at most 0x7ffb" },
	{ "delete as=0 id\n", "1:15: 'id' needs a value: id=..." },
	{ "delete as=0 id=x\n", "1:16: 'x' is no number: decimal, or hex behind 0x" },
	{ "delete as=0 id=3\n", "1:16: there is no slot 0:3" },
	{ SLOT0 "delete as=1 id=0\n", "2:16: there is no slot 1:0" },
	{ "flags as=0 id=3 flags=rw\n", "1:15: there is no slot 0:3" },
	{ "slot as=0 id=0 gpa=0x123 size=0x1000 flags=rw private=0\n", "1:20: 0x123 is no multiple of 0x1000" },
	{ "slot as=0 id=0 gpa=0x0 size=0 flags=rw private=0\n", "1:29: a range is at least one page long" },
	{ "slot as=0 id=0 gpa=0x3ffffffff000 size=0x2000 flags=rw private=0\n",
	  "1:20: the range ends above 0x400000000000" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=wr private=0\n",
	  "1:42: 'wr' is none of rw, ro, rw|dirty, ro|dirty" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=rw private=2\n", "1:53: 2 is too large: at most 1" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=rw private=0 mem=ram\n",
	  "1:59: 'ram' is no place in memory: mem=NAME+OFFSET" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=rw private=0 mem=ram+0x10\n",
	  "1:63: 0x10 is no multiple of 0x1000" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=rw private=0 mem=ram+0x0 hva=0x1000\n",
	  "1:67: memory is named by hva= or mem=, not by both" },
	{ SLOT0 SLOT0, "2:14: slot 0:0 is there since line 1: delete it first, or flags or move" },
	{ SLOT0 "slot as=0 id=1 gpa=0x1ff000 size=0x1000 flags=rw private=0\n",
	  "2:20: [0x1ff000, 0x200000) lies over slot 0:0 of line 1, [0x0, 0x200000)" },
	{ SLOT0 "slot as=0 id=1 gpa=0x200000 size=0x1000 flags=rw private=0\n"
		"move as=0 id=0 gpa=0x1000 size=0x200000 flags=rw private=0\n",
	  "3:20: [0x1000, 0x201000) lies over slot 0:1 of line 2, [0x200000, 0x201000)" },
	{ SLOT0 "move as=0 id=0 gpa=0x1000 size=0x1000 flags=rw private=0\n",
	  "2:32: a slot that moves keeps its size, 0x200000, and has no private memory" },
	{ SLOT0 "flags as=0 id=0 flags=ro\n", "2:23: a slot stays what it is, rw or ro" },
	{ SLOT0 "attr gpa=0x0 size=0x1000 private=1\n"
		"slot as=1 id=0 gpa=0x0 size=0x1000 flags=rw private=0\n",
	  "3:53: a VM with private memory has one address space" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=ro private=1\n", "1:42: a slot with private memory is rw" },
	{ "slot as=0 id=0 gpa=0x0 size=0x1000 flags=rw private=1\nflags as=0 id=0 flags=rw|dirty\n",
	  "2:15: slot 0:0 has private memory and cannot be changed" },
	{ "fill as=0 id=32763 count=2 gpa=0x0 size=0x1000 stride=0x1000 flags=rw private=0\n",
	  "1:26: ids are 0 to 32763: count=1 to count=1" },
	{ "fill as=0 id=0 count=2 gpa=0x0 size=0x2000 stride=0x1000 flags=rw private=0\n",
	  "1:28: [0x1000, 0x3000) lies over slot 0:0 of line 1, [0x0, 0x2000)" },
	{ SLOT0 "repeat last=2 times=1\n", "2:13: 2 event lines: 1 to 1 stand above, since the last repeat" },
	{ SLOT0 "delete as=0 id=0\nrepeat last=1 times=1\n", "3:1: line 2 again: there is no slot 0:0" },
	{ SLOT0 "flags as=0 id=0 flags=rw\nrepeat last=1 times=65536\n", "3:1: line 2 again: more than 65536 events" },
	{ SLOT0 "slot as=0 id=1 gpa=0x200000 size=0x8000000000 flags=rw private=0\n",
	  "2:1: from here on the slots show more than 0x8000000000 bytes of memory" },
};

static void errors_say_where_and_what(void)
{
	unsigned int bad = 0;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct program_error error = { 0 };
		struct program program;
		char said[sizeof(error.text) + 32] = "no error";

		if (!layout_parse(wrong[i].text, strlen(wrong[i].text), &program, &error))
			snprintf(said, sizeof(said), "%u:%u: %s", error.line, error.column, error.text);
		CHECK(!program.nr_ops || !strcmp(said, "no error"));
		program_free(&program);
		if (!strcmp(said, wrong[i].wanted))
			continue;
		fprintf(stderr, "%ssaid   %s\nwanted %s\n\n", wrong[i].text, said, wrong[i].wanted);
		bad++;
	}
	CHECK(!bad);
}

/* --------------------------------------------------------------------------------------------------------- programs */

static struct program parse(const char *text)
{
	struct program_error error;
	struct program program;
	bool parsed = layout_parse(text, strlen(text), &program, &error);

	if (!parsed)
		fprintf(stderr, "%u:%u: %s\n", error.line, error.column, error.text);
	CHECK(parsed);
	return program;
}

/* The @index-th operation of its kind. */
static const struct op *find(const struct program *program, enum op_code code, unsigned int index)
{
	for (size_t i = 0; i < program->nr_ops; i++) {
		if (program->ops[i].code == code && !index--)
			return &program->ops[i];
	}
	return NULL;
}

static unsigned int count(const struct program *program, enum op_code code)
{
	unsigned int number = 0;

	while (find(program, code, number))
		number++;
	return number;
}

#define SLOT_HVA 5
#define SLOT_GMEM 6
#define SLOT_OFFSET 7

/* Cut, joined, and seen from both address spaces: one memory. */
static void relations_of_memory_are_kept(void)
{
	struct program program =
		parse("slot as=0 id=0 gpa=0x0 size=0x40000000 flags=rw private=0 mem=pc.ram+0x0\n"
		      "slot as=1 id=0 gpa=0xfeda0000 size=0x20000 flags=rw private=0 mem=pc.ram+0xa0000\n"
		      "delete as=0 id=0\n"
		      "slot as=0 id=0 gpa=0x100000 size=0x3ff00000 flags=rw private=0 mem=pc.ram+0x100000\n"
		      "slot as=0 id=1 gpa=0x80000000 size=0x1000 flags=rw private=0 mem=rom+0x0\n");
	uint64_t ram = find(&program, OP_slot_set, 0)->argument[SLOT_HVA];

	CHECK(!(ram & 0x3fffffff) && ram >= HOST_HVA_BASE);
	CHECK(find(&program, OP_slot_set, 1)->argument[SLOT_HVA] == ram + 0xa0000);
	CHECK(find(&program, OP_slot_set, 2)->argument[SLOT_HVA] == ram + 0x100000);
	CHECK(find(&program, OP_slot_set, 3)->argument[SLOT_HVA] >= ram + 0x40000000);
	CHECK(count(&program, OP_host_area) == 2);
	program_free(&program);

	program = parse("slot as=0 id=0 gpa=0x1000 size=0x2000 flags=rw private=0 hva=0x7f0000201000\n"
			"slot as=0 id=1 gpa=0x10000 size=0x1000 flags=rw private=0 hva=0x7f0000202000\n");
	ram = find(&program, OP_slot_set, 0)->argument[SLOT_HVA];
	CHECK((ram & 0x3fffffff) == 0x201000);
	CHECK(find(&program, OP_slot_set, 1)->argument[SLOT_HVA] == ram + 0x1000);
	program_free(&program);
}

static void attributes_are_followed_as_far_up_as_they_are_set(void)
{
	struct program program = parse("slot as=0 id=10 gpa=0x180000000 size=0x400000 flags=rw private=1\n"
				       "attr gpa=0x180200000 size=0x1000 private=1\n");
	struct mmu_vm_config vm_config;
	struct world_options options;

	program_vm(&program, &vm_config, &options);
	CHECK(vm_config.type == MMU_VM_SW_PROTECTED && options.gfns >= 0x180201);
	program_free(&program);
}

static void private_slots_share_one_file(void)
{
	struct program program = parse("slot as=0 id=10 gpa=0xc0000000 size=0x400000 flags=rw private=1\n"
				       "slot as=0 id=11 gpa=0x180000000 size=0x400000 flags=rw private=1\n"
				       "slot as=0 id=12 gpa=0x0 size=0x1000 flags=rw private=0\n");

	CHECK(program.field[PROGRAM_VM_type] == 1);
	CHECK(count(&program, OP_gmem_create) == 1 && find(&program, OP_gmem_create, 0)->argument[0] == 0x800000);
	CHECK(find(&program, OP_slot_set, 0)->argument[SLOT_OFFSET] == 0);
	CHECK(find(&program, OP_slot_set, 1)->argument[SLOT_OFFSET] == 0x400000);
	CHECK(find(&program, OP_slot_set, 1)->argument[SLOT_GMEM] == 0);
	CHECK(find(&program, OP_slot_set, 2)->argument[SLOT_GMEM] == 255);
	program_free(&program);
}

/* No SMI while address space 1 has no memory for the state. */
static void smm_is_entered_only_with_memory_for_the_state(void)
{
	struct program program = parse("slot as=0 id=0 gpa=0x0 size=0x100000 flags=rw private=0\n"
				       "slot as=1 id=1 gpa=0x1000000 size=0x10000 flags=rw private=0\n");

	CHECK(!find(&program, OP_smi, 0));
	program_free(&program);
	program = parse("slot as=1 id=0 gpa=0x0 size=0x100000 flags=rw private=0\n"
			"slot as=0 id=0 gpa=0x0 size=0x100000 flags=rw private=0\n"
			"delete as=1 id=0\n"
			"delete as=0 id=0\n");
	CHECK(count(&program, OP_smi) == 2 && count(&program, OP_rsm) == 2);
	program_free(&program);
}

static void fill_and_repeat_are_spelt_out(void)
{
	struct program program =
		parse("fill as=0 id=1 count=3 gpa=0x10000 size=0x1000 stride=0x2000 flags=rw private=0\n"
		      "move as=0 id=2 gpa=0x20000 size=0x1000 flags=rw private=0\n"
		      "move as=0 id=2 gpa=0x12000 size=0x1000 flags=rw private=0\n"
		      "repeat last=2 times=3\n");

	CHECK(count(&program, OP_slot_set) == 3 && find(&program, OP_slot_set, 2)->argument[3] == 0x14000);
	CHECK(count(&program, OP_slot_move) == 8);
	program_free(&program);

	program = parse("fill as=0 id=0 count=32764 gpa=0x10000 size=0x1000 stride=0x1000 flags=rw private=0\n");
	CHECK(count(&program, OP_slot_set) == 32764);
	CHECK(find(&program, OP_edges, 0)->argument[2] == 0);
	CHECK(count(&program, OP_edges) >= LAYOUT_EDGE_EVENTS &&
	      count(&program, OP_edges) <= 2 * LAYOUT_EDGE_EVENTS + 4);
	program_free(&program);
}

int main(void)
{
	RUN(errors_say_where_and_what);
	RUN(relations_of_memory_are_kept);
	RUN(attributes_are_followed_as_far_up_as_they_are_set);
	RUN(private_slots_share_one_file);
	RUN(smm_is_entered_only_with_memory_for_the_state);
	RUN(fill_and_repeat_are_spelt_out);
	return 0;
}
