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

#include "harness/invariants/catalogue.h"
#include "mmu_core/host.h"

/* A broken invariant, or a complaint of the core's own (enum host_report_class). */
enum finding_class {
	FINDING_INVARIANT,
	FINDING_WARN,
	FINDING_BUG,
	FINDING_LOCKDEP,
	FINDING_MEMORY,
	FINDING_STALL,
	FINDING_RACE, /* ThreadSanitizer's */
	FINDING_UNDEFINED, /* UBSan's */
	FINDING_CLASSES,
};

/* "mmu-invariant", "kernel-warn", "kernel-bug", "lockdep", "memory", "stall", "data-race", "undefined". */
const char *finding_class_name(enum finding_class class);

/* What every finding says besides itself: how the run that found it is repeated. */
struct finding_run {
	uint64_t seed;
	const char *core;
	const char *version;
	const char *scenario;
	const char *command_line;
};

void finding_set_run(const struct finding_run *run);

/* The core broke invariant @id; the format tells the facts that disagree: "name value, name value", no newline. */
void finding_violation(enum invariant_id id, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For checks: counts that rule @id was looked at, and makes a finding when @condition does not hold. */
#define EXPECT(id, condition, ...)                                \
	do {                                                      \
		invariant_count_checks(INV_##id, 1);              \
		if (!(condition))                                 \
			finding_violation(INV_##id, __VA_ARGS__); \
	} while (0)

/* A report of a sanitizer's about @where, and @where_too if two places take part (else NULL). */
void finding_sanitizer(enum finding_class class, const char *what, const char *where, const char *where_too);

/* A reporter for host_set_reporter(). */
void finding_core_report(const struct host_report *report);

/*
 * The first finding of a kind is printed at once and in full, as long as no more kinds than this have been; later ones
 * are counted.  @fd -1: nowhere.  Default: 8 kinds, on standard error.
 */
void finding_set_printing(int fd, unsigned int kinds);

struct finding;

/* Hears of each kind that is news when it is first found and has been printed; it need not return.  NULL: nobody. */
void finding_set_listener(void (*listener)(const struct finding *finding));

/* One kind of finding: an invariant, or a place in the core that complained. */
struct finding {
	enum finding_class class;
	char id[96]; /* "T1", or "arch/x86/kvm/mmu/tdp_mmu.c:123" */
	uint64_t count;
	uint64_t first_ns; /* host_time_ns() of the first one */
	char *text; /* of the first one, in full; belongs to the list, until finding_reset() */
	const char *known; /* why it is no news (known.def); NULL: it is */
};

/* Known ones are not counted. */
bool finding_any(void);
bool finding_any_known(void);
uint64_t finding_count(void); /* each time counts */
uint64_t finding_count_of(enum invariant_id id);

/* In the order in which each kind was first seen; return false to stop. */
void finding_for_each(bool (*visitor)(void *context, const struct finding *finding), void *context);

/* [{"class", "id", "count", "text"}, ...]; the caller owns it. */
struct cJSON *finding_export(void);

/* Forgets everything.  For saboteurs and unit tests; nothing may be running. */
void finding_reset(void);

#endif
