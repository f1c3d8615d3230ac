// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare_test.c - two streams of what was seen: each kind of difference is named, and only that.
 */
#include <string.h>

#include "check.h"
#include "harness/compare/compare.h"

#define FULL (SEEN_READ | SEEN_WRITE | SEEN_EXEC | SEEN_MAY_WRITE | 1 << SEEN_LEVEL_SHIFT)

static const struct seen op = { .kind = SEEN_OP, .b = OP_access };
static const struct seen slot = { .kind = SEEN_SLOT, .c = 0x100, .d = 0x400 };
static const struct seen leaf = { .kind = SEEN_LEAF, .b = FULL, .c = 0x200, .d = 1, .e = 0x551 };
static const struct seen dirty = { .kind = SEEN_DIRTY, .c = 4, .d = 1 };
static const struct seen note = { .kind = SEEN_NOTE, .c = 0x300 };
static const struct seen counter = { .kind = SEEN_COUNTER, .a = MMU_COUNTER_SLOT_PAGES, .c = 0x400 };

static uint64_t peculiar; /* bits of enum difference: what only some kernels do, and one of the sides does */

static FILE *stream_of(const struct seen *seen, size_t count)
{
	FILE *stream = tmpfile();

	CHECK(stream);
	CHECK(fwrite(seen, sizeof(*seen), count, stream) == count);
	rewind(stream);
	return stream;
}

static void compare(struct comparison *comparison, const struct seen *left, size_t nr_left, const struct seen *right,
		    size_t nr_right)
{
	FILE *a = stream_of(left, nr_left), *b = stream_of(right, nr_right);

	*comparison = (struct comparison){ .left_name = "left", .right_name = "right", .peculiar = peculiar };
	compare_streams(comparison, a, b);
	fclose(a);
	fclose(b);
}

/* One thing beside the operation is another; @expected alone is counted, once. */
static void check_one(const struct seen *left, size_t nr_left, const struct seen *right, size_t nr_right,
		      enum difference expected)
{
	struct comparison comparison;

	compare(&comparison, left, nr_left, right, nr_right);
	for (unsigned int i = 0; i < DIFFERENCES; i++)
		CHECK(comparison.count[i] == (i == expected));
	CHECK(*comparison.first[expected]);
	CHECK(compare_differs(&comparison) == (expected < DIFFERENCE_FIRST_EXPECTED));
}

static void check_changed(struct seen changed, const struct seen *of, enum difference expected)
{
	const struct seen left[] = { *of, op }, right[] = { changed, op };

	check_one(left, 2, right, 2, expected);
	check_one(right, 2, left, 2, expected);
}

static void check_grown(struct seen counted, enum difference expected)
{
	struct seen more = counted;

	more.c++;
	check_changed(more, &counted, expected);
}

/* Notes differ as well. */
static void compare_and_count(const struct seen left[2], const struct seen right[2], enum difference expected)
{
	struct comparison comparison;

	compare(&comparison, left, 2, right, 2);
	CHECK(comparison.count[DIFFERENCE_MMIO] == 1 && comparison.count[expected] == 1);
	CHECK(compare_differs(&comparison) == (expected < DIFFERENCE_FIRST_EXPECTED));
}

static void nothing_differs(void)
{
	const struct seen seen[] = { slot, leaf, dirty, counter, op, op };
	struct comparison comparison;

	compare(&comparison, seen, 6, seen, 6);
	CHECK(comparison.ops == 2 && !compare_differs(&comparison));
	for (unsigned int i = 0; i < DIFFERENCES; i++)
		CHECK(!comparison.count[i]);
}

static void each_difference_is_named(void)
{
	struct seen changed;

	changed = slot, changed.e = 0x1000;
	check_changed(changed, &slot, DIFFERENCE_SLOTS);
	changed = leaf, changed.e = 0x552;
	check_changed(changed, &leaf, DIFFERENCE_PAGE);
	changed = leaf, changed.b &= ~(uint64_t)SEEN_EXEC;
	check_changed(changed, &leaf, DIFFERENCE_PERMISSIONS);
	changed = leaf, changed.b &= ~(uint64_t)(SEEN_WRITE | SEEN_MAY_WRITE);
	check_changed(changed, &leaf, DIFFERENCE_PERMISSIONS);
	changed = leaf, changed.b &= ~(uint64_t)SEEN_WRITE;
	check_changed(changed, &leaf, DIFFERENCE_MORE_DIRTY);
	changed = leaf, changed.b = SEEN_TRACKED | SEEN_MAY_WRITE | 1 << SEEN_LEVEL_SHIFT;
	check_changed(changed, &leaf, DIFFERENCE_TRACKED);
	changed = leaf, changed.b += 1 << SEEN_LEVEL_SHIFT;
	check_changed(changed, &leaf, DIFFERENCE_LEVEL);
	changed = counter, changed.c++;
	check_changed(changed, &counter, DIFFERENCE_COUNTER);
	changed = op, changed.c = (uint64_t)-12;
	check_one(&op, 1, &changed, 1, DIFFERENCE_RESULT);
	changed = note, changed.c++;
	check_changed(changed, &note, DIFFERENCE_MMIO);
	changed = counter, changed.kind = SEEN_FLUSHES;
	check_grown(changed, DIFFERENCE_FLUSHES);
	changed.kind = SEEN_LEAFS_COUNTED;
	check_grown(changed, DIFFERENCE_LEAFS_COUNTED);
}

static void what_one_side_has_alone(void)
{
	const struct seen with[] = { leaf, op }, without[] = { op };
	struct seen private[] = { leaf, op };
	const struct seen longer[] = { op, op };

	private[0].b |= SEEN_PRIVATE;
	check_one(with, 2, without, 1, DIFFERENCE_MAPPED);
	check_one(without, 1, with, 2, DIFFERENCE_MAPPED);
	check_one(private, 2, without, 1, DIFFERENCE_PRIVATE);
	check_one(longer, 2, without, 1, DIFFERENCE_LENGTH);
}

#define FRAME 512

/* A frame by its pages, and the operation behind. */
static void by_pages(struct seen seen[FRAME + 1])
{
	for (unsigned int i = 0; i < FRAME; i++) {
		seen[i] = leaf;
		seen[i].c += i;
		seen[i].e += i;
	}
	seen[FRAME] = op;
}

/*
 * A large leaf and the small ones that it stands for are the same but for their size; so is a hole among them, and that
 * the large one is not executable.  None at all is another thing.
 */
static void leafs_of_other_sizes(void)
{
	struct seen large[] = { leaf, op }, small[FRAME + 2];

	large[0].d = FRAME;
	large[0].b += 1 << SEEN_LEVEL_SHIFT;
	by_pages(small);
	check_one(large, 2, small, 513, DIFFERENCE_LEVEL);
	large[0].b &= ~(uint64_t)SEEN_EXEC;
	check_one(large, 2, small, 513, DIFFERENCE_LEVEL);
	large[0].b |= SEEN_EXEC;
	check_one(large, 2, &small[512], 1, DIFFERENCE_MAPPED);
	small[511] = op;
	small[512] = (struct seen){ .kind = SEEN_KINDS }; /* ends the stream */
	{
		struct comparison comparison;

		compare(&comparison, large, 2, small, 512);
		CHECK(comparison.count[DIFFERENCE_LEVEL] == 1 && !compare_differs(&comparison));
	}
}

/* In another address space than the first one, or behind an SMI, and of a kernel that does it. */
static void memory_behind_a_note(void)
{
	struct seen left[] = { note, op }, right[] = { leaf, op };

	left[0].c = leaf.c;
	peculiar = 1ull << DIFFERENCE_MMIO_INFO;
	compare_and_count(left, right, DIFFERENCE_MAPPED);
	left[0].a = right[0].a = 1;
	compare_and_count(left, right, DIFFERENCE_MMIO_INFO);
	left[0].a = right[0].a = 0;
	left[1].b = right[1].b = OP_smi;
	compare_and_count(left, right, DIFFERENCE_MMIO_INFO);
	peculiar = 0;
	compare_and_count(left, right, DIFFERENCE_MAPPED);
}

/* Another page of the frame, while an invalidation is open; without one it is a difference. */
static void beside_a_window(void)
{
	struct seen open = counter, beside = leaf;
	struct comparison comparison;

	open.a = MMU_COUNTER_INVALIDATE_IN_PROGRESS;
	beside.c++;
	beside.e++;
	for (open.c = 0; open.c < 2; open.c++) {
		const struct seen left[] = { leaf, beside, open, op }, right[] = { beside, open, op };

		compare(&comparison, left, 4, right, 3);
		CHECK(comparison.count[open.c ? DIFFERENCE_LEVEL : DIFFERENCE_MAPPED] == 1);
		CHECK(compare_differs(&comparison) == !open.c);
	}
}

/* What goes on is told once, what grows is told again. */
static void a_difference_that_goes_on(void)
{
	struct seen right[] = { leaf, op, leaf, op, leaf, leaf, op };
	const struct seen left[] = { op, op, op };
	struct comparison comparison;

	right[5].c++;
	compare(&comparison, left, 3, right, 7);
	CHECK(comparison.count[DIFFERENCE_MAPPED] == 2 && comparison.ops == 3);
}

/* Both refuse, each for a reason of its own. */
static void errnos(void)
{
	struct seen left = op, right = op;

	left.b = right.b = OP_slot_set;
	left.c = (uint64_t)-22;
	right.c = (uint64_t)-17;
	check_one(&left, 1, &right, 1, DIFFERENCE_ERRNO);
	right.c = 0;
	{
		const struct seen refused[] = { left, op }, made[] = { slot, right, slot, op };

		struct comparison comparison;

		compare(&comparison, refused, 2, made, 4);
		CHECK(compare_first(&comparison) == DIFFERENCE_RESULT);
		peculiar = 1ull << DIFFERENCE_GMEM_END;
		check_one(refused, 2, made, 4, DIFFERENCE_GMEM_END);
		peculiar = 0;
	}
}

/* Nothing counts any more from there. */
static void rings_that_lost_something(void)
{
	const struct seen overrun = { .kind = SEEN_OVERRUN };
	struct seen refused = op;

	refused.c = (uint64_t)-5;
	{
		const struct seen left[] = { overrun, refused, leaf, op }, right[] = { overrun, op, op };

		check_one(left, 4, right, 3, DIFFERENCE_RING_OVERRUN);
	}
}

/* Both are protected for the log, and would be made small by a write. */
static void large_logged_leafs(void)
{
	struct seen left[] = { leaf, op }, right[] = { leaf, op };

	left[0].d = right[0].d = 512;
	left[0].b &= ~(uint64_t)SEEN_WRITE;
	right[0].b &= ~(uint64_t)(SEEN_WRITE | SEEN_MAY_WRITE);
	check_one(left, 2, right, 2, DIFFERENCE_MORE_DIRTY);
	left[0].b |= SEEN_WRITE;
	check_one(left, 2, right, 2, DIFFERENCE_PERMISSIONS);
}

/* The larger leaf goes as a whole. */
static void a_smaller_leaf_stays(void)
{
	struct seen large = leaf;
	struct comparison comparison;

	large.d = 512;
	large.b += 1 << SEEN_LEVEL_SHIFT;
	{
		const struct seen left[] = { large, op, op }, right[] = { leaf, op, leaf, op };

		compare(&comparison, left, 3, right, 4);
		CHECK(comparison.count[DIFFERENCE_LEVEL] && !compare_differs(&comparison));
	}
}

/*
 * A page of the process is young to the side that looks at private pages as well; without any, one of them is wrong, or
 * flushed another time, so that a CPU has looked at the entry again.
 */
static void age_of_pages(void)
{
	struct seen old = op, young = op, private = leaf;

	old.b = young.b = OP_host_age;
	young.c = 1;
	check_one(&old, 1, &young, 1, DIFFERENCE_RESULT);
	{
		struct seen flushes = { .kind = SEEN_FLUSHES }, more = { .kind = SEEN_FLUSHES, .c = 1 };
		const struct seen left[] = { flushes, op, flushes, old }, right[] = { more, op, more, young };
		struct comparison comparison;

		compare(&comparison, left, 4, right, 4);
		CHECK(comparison.count[DIFFERENCE_FLUSHES] && !compare_differs(&comparison));
	}
	private.b |= SEEN_PRIVATE;
	{
		const struct seen left[] = { private, young }, right[] = { private, old };

		check_one(left, 2, right, 2, DIFFERENCE_PRIVATE);
		check_one(right, 2, left, 2, DIFFERENCE_PRIVATE);
	}
}

/* Zapped by a move that was refused, and still a hole after the next operation, in which another one comes up. */
static void a_hole_keeps_its_reason(void)
{
	struct seen move = op, other = leaf;
	struct comparison comparison;

	move.b = OP_slot_move;
	move.c = (uint64_t)-22;
	other.c += 4;
	{
		const struct seen left[] = { leaf, other, op, leaf, other, move, leaf, other, op };
		const struct seen right[] = { leaf, other, op, other, move, op };

		compare(&comparison, left, 9, right, 6);
		CHECK(comparison.count[DIFFERENCE_REFUSED_MOVE] == 1 && comparison.count[DIFFERENCE_MAPPED] == 1);
		CHECK(comparison.first_op[DIFFERENCE_MAPPED] == op.a &&
		      compare_first(&comparison) == DIFFERENCE_MAPPED);
	}
}

/* By whoever breaks a rule of it, and else by the kind of difference. */
static void whom_the_specification_supports(void)
{
	struct comparison comparison = { .count[DIFFERENCE_MAPPED] = 1 };

	CHECK(strstr(compare_verdict(&comparison, false, true), "the left side"));
	CHECK(strstr(compare_verdict(&comparison, true, false), "the right side"));
	CHECK(strstr(compare_verdict(&comparison, false, false), "both: what is mapped is justified"));
	comparison.count[DIFFERENCE_MAPPED] = 0;
	CHECK(strstr(compare_verdict(&comparison, false, false), "section 11"));
}

static void a_counter_that_one_lacks(void)
{
	struct seen absent = counter, other = counter;
	struct comparison comparison;

	absent.c = (uint64_t)MMU_COUNTER_ABSENT;
	other.a++;
	{
		const struct seen left[] = { absent, counter, op }, right[] = { counter, counter, op };

		compare(&comparison, left, 3, right, 3);
		CHECK(!compare_differs(&comparison));
		compare(&comparison, right, 3, left, 3);
		CHECK(!compare_differs(&comparison));
	}
	check_changed(other, &absent, DIFFERENCE_COUNTER);
}

/* After the first operation, which is not compared, nothing is told. */
static void check_ends(enum op_code code, int left_result, enum difference expected)
{
	struct seen left = op, right = op;

	left.b = right.b = code;
	left.c = (uint64_t)(int64_t)left_result;
	{
		const struct seen a[] = { left, op }, b[] = { leaf, right, leaf, op };

		check_one(a, 2, b, 4, expected);
	}
}

/* Only for kernels that are known for it. */
static void ways_of_older_kernels(void)
{
	check_ends(OP_access, -28, DIFFERENCE_NO_ROOM);
	peculiar = 1ull << DIFFERENCE_SMM | 1ull << DIFFERENCE_VCPU_ID;
	check_ends(OP_rsm, -5, DIFFERENCE_SMM);
	check_ends(OP_vcpu_create, -22, DIFFERENCE_VCPU_ID);
	peculiar = 0;
	{
		struct seen refused = op;

		refused.c = (uint64_t)-5;
		check_one(&refused, 1, &op, 1, DIFFERENCE_RESULT);
		refused.b = OP_vcpu_create;
		check_one(&refused, 1, &(struct seen){ .kind = SEEN_OP, .b = OP_vcpu_create }, 1, DIFFERENCE_RESULT);
	}
}

/* A whole frame; on the other side only the page that a fault has wanted. */
static void a_leaf_that_a_fault_splits(void)
{
	struct seen whole[FRAME + 1], part[2] = { leaf, op };

	by_pages(whole);
	check_one(part, 2, whole, 513, DIFFERENCE_MAPPED);
	peculiar = 1ull << DIFFERENCE_SPLIT_ZAPPED;
	check_one(part, 2, whole, 513, DIFFERENCE_SPLIT_ZAPPED);
	check_one(&part[1], 1, whole, 513, DIFFERENCE_MAPPED);
	whole[511].c++;
	check_one(part, 2, whole, 513, DIFFERENCE_MAPPED);
	peculiar = 0;
}

/* It goes on behind the pre-fault, and is told once; without one it is a difference. */
static void what_a_prefault_gives(void)
{
	struct seen before = leaf, prefault = op;

	before.b &= ~(uint64_t)(SEEN_WRITE | SEEN_MAY_WRITE);
	prefault.b = OP_prefault;
	{
		const struct seen left[] = { leaf, prefault, leaf, op }, right[] = { before, prefault, before, op };

		check_one(left, 4, right, 4, DIFFERENCE_PERMISSIONS);
		peculiar = 1ull << DIFFERENCE_PREFAULT;
		check_one(left, 4, right, 4, DIFFERENCE_PREFAULT);
		check_one(&left[2], 2, &right[2], 2, DIFFERENCE_PERMISSIONS);
		peculiar = 0;
	}
}

/* A fault while an invalidation is open; and what the process has from it behind that. */
static void a_window_by_hva(void)
{
	struct seen open = counter, old = op, young = op, protected = leaf;

	open.a = MMU_COUNTER_INVALIDATE_IN_PROGRESS;
	open.c = 1;
	protected.b &= ~(uint64_t)(SEEN_WRITE | SEEN_MAY_WRITE);
	old.b = young.b = OP_host_age;
	young.c = 1;
	{
		const struct seen with[] = { open, leaf, op }, without[] = { open, op };
		const struct seen first[] = { open, op, young }, second[] = { open, op, old };
		const struct seen never[] = { op, young }, again[] = { op, old };
		const struct seen a[] = { open, op, leaf, op }, b[] = { open, op, protected, op };

		check_one(with, 3, without, 2, DIFFERENCE_MAPPED);
		check_one(first, 3, second, 3, DIFFERENCE_RESULT);
		peculiar = 1ull << DIFFERENCE_WINDOW_BY_HVA;
		check_one(with, 3, without, 2, DIFFERENCE_WINDOW_BY_HVA);
		check_one(first, 3, second, 3, DIFFERENCE_WINDOW_BY_HVA);
		check_one(never, 2, again, 2, DIFFERENCE_RESULT);
		check_one(a, 4, b, 4, DIFFERENCE_WINDOW_BY_HVA);
		peculiar = 0;
		check_one(a, 4, b, 4, DIFFERENCE_PERMISSIONS);
	}
}

static size_t left_out(enum mmu_vm_type type, const struct op *only, unsigned int left, unsigned int right)
{
	const struct mmu_core_ops a = { .features = left }, b = { .features = right };
	struct program program;
	size_t count;

	program_init(&program);
	program.field[PROGRAM_VM_type] = (uint8_t)type;
	CHECK(program_append(&program, only));
	count = compare_leave_out(&program, &a, &b);
	CHECK(program.nr_ops == 1 - count);
	program_free(&program);
	return count;
}

/* What both have, or neither has, is compared. */
static void what_only_one_has_is_left_out(void)
{
	const struct op attributes = { .code = OP_attributes_set }, plain = { .code = OP_host_unmap };
	const struct op file = { .code = OP_gmem_create }, flagged = { .code = OP_gmem_create, .argument = { 0, 1 } };
	const struct op backed = { .code = OP_slot_set, .argument = { 0, 0, MMU_SLOT_GMEM } };
	const struct op raw = { .code = OP_uapi, .argument = { MMU_UAPI_PRE_FAULT_MEMORY } };
	const struct op failing = { .code = OP_fail_alloc };
	unsigned int gmem = MMU_FEATURE_GMEM, shared = MMU_FEATURE_GMEM | MMU_FEATURE_GMEM_SHARED;

	CHECK(left_out(MMU_VM_DEFAULT, &failing, 0, 0) == 1);
	CHECK(left_out(MMU_VM_DEFAULT, &plain, 0, ~0u) == 0);
	CHECK(left_out(MMU_VM_DEFAULT, &attributes, 0, MMU_FEATURE_ATTRIBUTES) == 1);
	CHECK(left_out(MMU_VM_DEFAULT, &attributes, MMU_FEATURE_ATTRIBUTES, MMU_FEATURE_ATTRIBUTES) == 0);
	CHECK(left_out(MMU_VM_DEFAULT, &attributes, 0, 0) == 0);
	CHECK(left_out(MMU_VM_DEFAULT, &raw, MMU_FEATURE_PREFAULT, 0) == 1);
	CHECK(left_out(MMU_VM_SW_PROTECTED, &file, shared, gmem) == 0);
	CHECK(left_out(MMU_VM_SW_PROTECTED, &flagged, shared, gmem) == 1);
	CHECK(left_out(MMU_VM_SW_PROTECTED, &backed, shared, gmem) == 0);
	CHECK(left_out(MMU_VM_DEFAULT, &backed, shared, gmem) == 1);
	CHECK(left_out(MMU_VM_DEFAULT, &backed, gmem, gmem) == 0);
}

int main(void)
{
	RUN(what_only_one_has_is_left_out);
	RUN(a_counter_that_one_lacks);
	RUN(ways_of_older_kernels);
	RUN(a_leaf_that_a_fault_splits);
	RUN(a_window_by_hva);
	RUN(what_a_prefault_gives);
	RUN(errnos);
	RUN(large_logged_leafs);
	RUN(rings_that_lost_something);
	RUN(a_smaller_leaf_stays);
	RUN(age_of_pages);
	RUN(a_hole_keeps_its_reason);
	RUN(whom_the_specification_supports);
	RUN(nothing_differs);
	RUN(each_difference_is_named);
	RUN(what_one_side_has_alone);
	RUN(leafs_of_other_sizes);
	RUN(memory_behind_a_note);
	RUN(beside_a_window);
	RUN(a_difference_that_goes_on);
	return 0;
}
