// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare_test.c - two streams of what was seen: each kind of difference is named, and only that.
 */
#include "check.h"
#include "harness/compare/compare.h"

#define FULL (SEEN_READ | SEEN_WRITE | SEEN_EXEC | SEEN_MAY_WRITE | 1 << SEEN_LEVEL_SHIFT)

static const struct seen op = { .kind = SEEN_OP, .b = OP_slot_set };
static const struct seen slot = { .kind = SEEN_SLOT, .c = 0x100, .d = 0x400 };
static const struct seen leaf = { .kind = SEEN_LEAF, .b = FULL, .c = 0x200, .d = 1, .e = 0x551 };
static const struct seen dirty = { .kind = SEEN_DIRTY, .c = 4, .d = 1 };
static const struct seen counter = { .kind = SEEN_COUNTER, .a = MMU_COUNTER_SLOT_PAGES, .c = 0x400 };

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

	*comparison = (struct comparison){ .left_name = "left", .right_name = "right" };
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
	changed = op, changed.c = (uint64_t)-22;
	check_one(&op, 1, &changed, 1, DIFFERENCE_RESULT);
}

static void what_one_side_has_alone(void)
{
	const struct seen with[] = { leaf, op }, without[] = { op };
	struct seen private[] = { leaf, op };
	const struct seen longer[] = { op, op };

	private[0].b |= SEEN_PRIVATE;
	check_one(with, 2, without, 1, DIFFERENCE_MAPPED);
	check_one(without, 1, with, 2, DIFFERENCE_MAPPED);
	check_one(private, 2, without, 1, DIFFERENCE_PRIVATE_ZAPPED);
	check_one(longer, 2, without, 1, DIFFERENCE_LENGTH);
}

/* A large leaf and the small ones that it stands for are the same but for their size; a hole among them is one. */
static void leafs_of_other_sizes(void)
{
	struct seen large[] = { leaf, op }, small[514];

	large[0].d = 512;
	large[0].b += 1 << SEEN_LEVEL_SHIFT;
	for (unsigned int i = 0; i < 512; i++) {
		small[i] = leaf;
		small[i].c += i;
		small[i].e += i;
	}
	small[512] = op;
	check_one(large, 2, small, 513, DIFFERENCE_LEVEL);
	small[511] = op;
	small[512] = (struct seen){ .kind = SEEN_KINDS }; /* ends the stream */
	{
		struct comparison comparison;

		compare(&comparison, large, 2, small, 512);
		CHECK(comparison.count[DIFFERENCE_LEVEL] == 1 && comparison.count[DIFFERENCE_MAPPED] == 1);
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

int main(void)
{
	RUN(nothing_differs);
	RUN(each_difference_is_named);
	RUN(what_one_side_has_alone);
	RUN(leafs_of_other_sizes);
	RUN(a_difference_that_goes_on);
	return 0;
}
