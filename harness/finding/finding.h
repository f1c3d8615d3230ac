/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finding.h - what was found wrong, and how it is told.
 *
 * Two words (design.md section 6): an assertion (HOST_ASSERT, exit code 3) says that our harness is wrong; a finding
 * (exit code 1) says that the core is.
 * Locking:   every function may be called from any CPU, at any place, with any lock held and with interrupts off; none
 *            sleeps.  Texts are kept for the first findings only, all of them are counted.
 * Ownership: strings passed in are copied; struct finding_run's strings are kept by reference.
 */
#ifndef HARNESS_FINDING_FINDING_H
#define HARNESS_FINDING_FINDING_H

#include "mmu_core/host.h"

#define INVARIANT(id, when, statement, source) INV_##id,
enum invariant_id {
#include "harness/invariants.def"
	INVARIANTS,
};
#undef INVARIANT

enum invariant_when {
	INVARIANT_ALWAYS,
	INVARIANT_QUIESCENT,
	INVARIANT_END_OF_OP,
	INVARIANT_USE,
};

struct invariant {
	const char *id;
	enum invariant_when when;
	const char *statement;
	const char *source;
};

const struct invariant *invariant(enum invariant_id id);

/* A broken invariant, or a complaint of the core's own (enum host_report_class). */
enum finding_class {
	FINDING_INVARIANT,
	FINDING_WARN,
	FINDING_BUG,
	FINDING_LOCKDEP,
	FINDING_MEMORY,
	FINDING_STALL,
	FINDING_CLASSES,
};

/* What every finding says besides itself: how the run that found it is repeated. */
struct finding_run {
	uint64_t seed;
	const char *core;
	const char *version;
	const char *scenario;
	const char *command_line;
};

void finding_set_run(const struct finding_run *run);

/* The core broke invariant @id; the format tells the facts that disagree. */
void finding_violation(enum invariant_id id, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A reporter for host_set_reporter(). */
void finding_core_report(const struct host_report *report);

/* Prints of the first findings are made at once, on stderr; this many, then only counts. */
#define FINDING_PRINTED_MAX 8

/* One kind of finding: an invariant, or a place in the core that complained. */
struct finding {
	enum finding_class class;
	char id[64]; /* "T1", or "tdp_mmu.c:123" */
	uint64_t count;
	uint64_t first_ns; /* host_time_ns() of the first one */
	char text[768]; /* of the first one */
};

bool finding_any(void);
uint64_t finding_count(void);
uint64_t finding_count_of(enum invariant_id id);

/* In the order in which each kind was first seen; return false to stop. */
void finding_for_each(bool (*visitor)(void *context, const struct finding *finding), void *context);

/* Forgets everything.  For saboteurs and unit tests; nothing may be running. */
void finding_reset(void);

#endif
