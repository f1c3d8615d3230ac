// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusals.c - the rows of refusals.def, and one operation held against them.
 *
 *  1 an operation is refused exactly when a row says so, with an errno of that row (I-L10)
 *  2 one that is refused leaves slots, attributes, entries, dirty logs and counters as they were (I-L7)
 * Not verified here: 2 where other threads are at work.
 */
#include "harness/oracle/refusals.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/oracle/history.h"

#define OF(name) (1ULL << OP_##name)
#define ONE(number)    \
	1,             \
	{              \
		number \
	}
#define ANY(first, second)    \
	2,                    \
	{                     \
		first, second \
	}

_Static_assert(OPS_COUNT <= 64, "one bit an operation");

#define REFUSAL(operations, errnos, condition, statement, source) \
	bool refusal_##condition(const struct refusal *refusal);
#define MAY(operations, number, condition, statement) bool refusal_##condition(const struct refusal *refusal);
#include "harness/refusals.def"
#undef REFUSAL
#undef MAY

#define MAY(operations, number, condition, statement)

const struct refusal_row refusal_rows[] = {
#define REFUSAL(operations, errnos, condition, statement, source) { operations, errnos, #condition, statement, source },
#include "harness/refusals.def"
#undef REFUSAL
};

const size_t nr_refusal_rows = sizeof(refusal_rows) / sizeof(refusal_rows[0]);

static bool (*const conditions[])(const struct refusal *refusal) = {
#define REFUSAL(operations, errnos, condition, statement, source) refusal_##condition,
#include "harness/refusals.def"
#undef REFUSAL
};

#undef MAY
#define REFUSAL(operations, errnos, condition, statement, source)

static const struct may_row {
	uint64_t operations;
	int number;
	bool (*condition)(const struct refusal *refusal);
} may_rows[] = {
#define MAY(operations, number, condition, statement) { operations, number, refusal_##condition },
#include "harness/refusals.def"
#undef MAY
};
#undef REFUSAL

static HOST_OUTLIVES_RUNS uint64_t reached[sizeof(refusal_rows) / sizeof(refusal_rows[0])];

uint64_t refusal_reached(size_t row)
{
	return __atomic_load_n(&reached[row], __ATOMIC_RELAXED);
}

/* ----------------------------------------------------------------------------------------------------- before it */

static const struct refusal_row *first_row(const struct refusal *refusal)
{
	for (size_t i = 0; i < nr_refusal_rows; i++) {
		if ((refusal_rows[i].operations & 1ULL << refusal->op) && conditions[i](refusal))
			return &refusal_rows[i];
	}
	return NULL;
}

static void take_digest(const struct refusal *refusal, struct digest *digest)
{
	const struct world *world = refusal->world;
	bool attributes = refusal->op == OP_attributes_set;

	digest_take(world->core, world->vm, attributes ? refusal->gpa >> MMU_PAGE_SHIFT : 0,
		    attributes ? refusal->bytes >> MMU_PAGE_SHIFT : 0, digest);
}

static bool wants_digest(const struct refusal *refusal)
{
	const struct world *world = refusal->world;

	if (!world->digest_every)
		return false;
	return __atomic_load_n(&world->failing, __ATOMIC_RELAXED) ||
	       (refusal->row && (world->digest_every == 1 || !(host_random() % world->digest_every)));
}

void refusal_begin(struct refusal *refusal)
{
	history_begin(refusal);
	refusal->row = first_row(refusal);
	refusal->failures = host_alloc_failures();
	refusal->digested = wants_digest(refusal);
	if (refusal->digested)
		take_digest(refusal, &refusal->before);
}

/* ------------------------------------------------------------------------------------------------------ after it */

static bool is_in_row(const struct refusal_row *row, int number)
{
	for (unsigned int i = 0; i < row->nr_errnos; i++) {
		if (row->errnos[i] == number)
			return true;
	}
	return false;
}

static bool may_be(const struct refusal *refusal, int number)
{
	for (size_t i = 0; i < sizeof(may_rows) / sizeof(may_rows[0]); i++) {
		const struct may_row *row = &may_rows[i];

		if ((row->operations & 1ULL << refusal->op) && row->number == number && row->condition(refusal))
			return true;
	}
	return false;
}

static bool is_of_operation(const struct refusal *refusal, int number)
{
	if (!number)
		return true;
	for (size_t i = 0; i < nr_refusal_rows; i++) {
		if ((refusal_rows[i].operations & 1ULL << refusal->op) && is_in_row(&refusal_rows[i], number))
			return true;
	}
	return false;
}

static bool is_right(const struct refusal *refusal, int number)
{
	if (may_be(refusal, number))
		return true;
	if (!refusal->exact)
		return is_of_operation(refusal, number);
	return refusal->row ? is_in_row(refusal->row, number) : !number;
}

/*
 * What a refused operation may leave behind all the same: a delete or move that failed late has zapped; a fault that
 * ends in an error has made tables on its way, or an MMIO entry; a harvest without a buffer has taken the bits
 * (spec.md I-L7, O-70).
 */
static unsigned int may_change(const struct refusal *refusal, int number)
{
	unsigned int tables = 1u << DIGEST_ENTRIES | 1u << DIGEST_COUNTERS;

	switch (refusal->op) {
	case OP_slot_set:
	case OP_slot_set_v1:
		return refusal->slot && refusal->slot->now.npages ? tables : 0;
	case OP_access:
		return ~0u; /* it is the guest that does something, as far as it gets */
	case OP_prefault:
		return tables | 1u << DIGEST_DIRTY;
	case OP_dirty_get:
		return number == EFAULT ? tables | 1u << DIGEST_DIRTY : 0;
	default:
		return 0;
	}
}

static void compare(const struct refusal *refusal, int number)
{
	unsigned int permitted = may_change(refusal, number);
	struct digest after;

	take_digest(refusal, &after);
	for (unsigned int part = 0; part < DIGEST_PARTS; part++) {
		if (permitted & 1u << part)
			continue;
		EXPECT(L7, after.part[part] == refusal->before.part[part],
		       "%s came back with -%s, %s: 0x%lx, now 0x%lx", op_rows[refusal->op].name,
		       strerrorname_np(number), digest_part_name(part), (unsigned long)refusal->before.part[part],
		       (unsigned long)after.part[part]);
	}
}

/* The request in one line. */
static void describe(const struct refusal *refusal, char *text, size_t room)
{
	const struct mmu_slot_request *request = refusal->request;

	if (request)
		snprintf(text, room, "slot %u:%u, flags 0x%x, gpa 0x%lx, 0x%lx bytes, hva 0x%lx, file %d + 0x%lx",
			 request->as_id, request->id, request->flags, (unsigned long)request->gpa,
			 (unsigned long)request->bytes, request->hva, request->gmem,
			 (unsigned long)request->gmem_offset);
	else
		snprintf(text, room,
			 "%u:%u, gpa 0x%lx, 0x%lx bytes, flags 0x%lx, offset 0x%lx, first 0x%lx, value 0x%lx, "
			 "cap %u, call %u",
			 refusal->as_id, refusal->id, (unsigned long)refusal->gpa, (unsigned long)refusal->bytes,
			 (unsigned long)refusal->flags, (unsigned long)refusal->offset, (unsigned long)refusal->first,
			 (unsigned long)refusal->value, refusal->cap, refusal->call);
}

static const char *errno_name(int number)
{
	return number ? strerrorname_np(number) : "success";
}

static void report(const struct refusal *refusal, int number)
{
	const struct refusal_row *row = refusal->row;
	char text[256];

	describe(refusal, text, sizeof(text));
	finding_violation(INV_L10, "%s (%s) came back with %s, expected %s%s%s", op_rows[refusal->op].name, text,
			  errno_name(number), row ? errno_name(row->errnos[0]) : "success", row ? " because " : "",
			  row ? row->statement : "");
}

void refusal_end(struct refusal *refusal, int result)
{
	int number = result < 0 ? -result : 0;
	bool right = is_right(refusal, number);

	history_end(refusal, result);
	invariant_count_checks(INV_L10, 1);
	if (!right)
		report(refusal, number);
	else if (refusal->row && is_in_row(refusal->row, number))
		__atomic_add_fetch(&reached[refusal->row - refusal_rows], 1, __ATOMIC_RELAXED);
	if (number && refusal->digested)
		compare(refusal, number);
	if (host_alloc_failures() != refusal->failures)
		__atomic_store_n(&refusal->world->failing, false, __ATOMIC_RELAXED);
}
