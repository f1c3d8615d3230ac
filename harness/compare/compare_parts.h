/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare_parts.h - what the files that compare two streams share.
 */
#ifndef HARNESS_COMPARE_COMPARE_PARTS_H
#define HARNESS_COMPARE_COMPARE_PARTS_H

#include "harness/compare/compare.h"

/* What has been seen after one operation, of one kind. */
struct list {
	struct seen *seen;
	size_t count, room;
};

/* Pages that are mapped on one side only, and why that is so. */
struct hole {
	uint64_t place, npages; /* gfn, above it the address space */
	bool on_left;
	enum difference reason;
};

struct holes {
	struct hole *hole;
	size_t count, room;
};

struct comparing {
	struct comparison *comparison;
	const struct seen *op; /* that is over, as the left side has it */
	bool windows_open;
	bool window_met; /* by a fault, now or before */
	bool smi_met; /* so a vCPU may have been in system-management mode */
	const struct list *notes[2]; /* of the left side, and of the right one */
	struct holes before, now;
	struct holes given_before, given; /* where a pre-fault has made a leaf writable on one side */
	struct holes resized_before, resized; /* where both have leafs, the larger one @on_left or not */
};

static inline bool compare_is_peculiar(const struct comparison *comparison, enum difference difference)
{
	return comparison->peculiar >> difference & 1;
}

/* What is told first of a difference is kept until the operation is closed. */
void compare_differ(struct comparison *comparison, enum difference difference, uint64_t size, const char *what);

/* Leafs of both sides, in the order of gfns inside of address spaces. */
void compare_leafs(struct comparing *comparing, const struct list *left, const struct list *right);

#endif
