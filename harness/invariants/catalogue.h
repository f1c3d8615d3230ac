/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * catalogue.h - the rows of invariants.def as an enumeration and a table, and how often each was looked at.
 *
 * Locking: none; the counters are relaxed, one set a CPU, so that counting neither costs nor orders anything (TSan must
 *          still see the core's races).
 */
#ifndef HARNESS_INVARIANTS_CATALOGUE_H
#define HARNESS_INVARIANTS_CATALOGUE_H

#include "mmu_core/host.h"

enum invariant_when {
	INVARIANT_ALWAYS,
	INVARIANT_QUIESCENT,
	INVARIANT_END_OF_OP,
	INVARIANT_USE,
};

enum invariant_id {
#define INVARIANT(id, when, statement, source) INV_##id,
#include "harness/invariants.def"
#undef INVARIANT
	INVARIANTS,
};

struct invariant {
	const char *id;
	enum invariant_when when;
	const char *statement;
	const char *source;
};

const struct invariant *invariant(enum invariant_id id);
const char *invariant_when_name(enum invariant_when when);
enum invariant_id invariant_by_name(const char *name); /* INVARIANTS: there is none of that name */

/* How often the check of a row was evaluated, and how often it failed.  Adding is for the running CPU; reads sum up. */
void invariant_count_checks(enum invariant_id id, uint64_t times);
void invariant_count_failure(enum invariant_id id);
uint64_t invariant_checks(enum invariant_id id);
uint64_t invariant_failures(enum invariant_id id);
void invariant_counters_reset(void);

/* [{"id", "checks", "failures"}, ...], a row each; the caller owns it. */
struct cJSON *invariant_export(void);

#endif
