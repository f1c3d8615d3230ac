/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * refusals.h - may this operation come back with that errno?
 *
 * The wrappers of harness/world ask before and after they call the core.  The rows are those of harness/refusals.def.
 * Not verified here: what an operation does that succeeds.
 * Locking: of the wrapper, which holds what the model needs to stand still (struct refusal.exact), or says that it does
 *          not: then only the set of errnos that the operation has is looked at.
 */
#ifndef HARNESS_ORACLE_REFUSALS_H
#define HARNESS_ORACLE_REFUSALS_H

#include "harness/oracle/digest.h"
#include "harness/program/program.h"
#include "harness/world/world.h"

#define REFUSAL_ERRNOS_MAX 2

struct refusal_row {
	uint64_t operations; /* bit set of enum op_code */
	unsigned int nr_errnos;
	int errnos[REFUSAL_ERRNOS_MAX];
	const char *name;
	const char *statement;
	const char *source;
};

extern const struct refusal_row refusal_rows[];
extern const size_t nr_refusal_rows;

/* How often a row said what had to come back, and that came back. */
uint64_t refusal_reached(size_t row);

/* One operation: what it asks for, and what is known before it. */
struct refusal {
	enum op_code op;
	struct world *world;
	bool exact;

	/* Slots: the request, the slot as it is (npages 0: not there), the file it names. */
	const struct mmu_slot_request *request;
	const struct model_slot *slot;
	const struct model_gmem *gmem; /* also of fallocate; NULL: none that is open */
	bool other_file;
	/* All others: as in ops.def. */
	unsigned int as_id, id;
	uint64_t gpa, bytes, flags, offset, first, value;
	struct world_vcpu *vcpu;
	enum mmu_cap cap;
	enum mmu_uapi call;
	bool bad_pointer;

	/* Filled in by refusal_begin(). */
	const struct refusal_row *row; /* NULL: it has to succeed */
	uint64_t number; /* in the world's history */
	uint64_t failures; /* allocations that were made to fail before */
	bool digested;
	struct digest before;
};

void refusal_begin(struct refusal *refusal);
/* @result: what the core returned; above 0 as 0. */
void refusal_end(struct refusal *refusal, int result);

/* Which of enum mmu_feature there has to be for a kernel to know the ioctl. */
unsigned int refusal_call_needs(enum mmu_uapi call);

#endif
