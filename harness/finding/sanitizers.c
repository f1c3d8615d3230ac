// SPDX-License-Identifier: GPL-2.0-only
/*
 * sanitizers.c - what ThreadSanitizer, AddressSanitizer and UBSan report becomes a finding of its own class.
 *
 * Their runtimes call these functions, if they are linked in; their own, longer reports stand on stderr as well.
 * Nothing here is instrumented: a report made while a report is being made would never end.
 */
#include <stdio.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/finding/sanitizers.h"
#include "harness/finding/symbols.h"

#define UNINSTRUMENTED __attribute__((no_sanitize("thread", "address", "undefined")))
#define FRAMES_MAX 16

/* ------------------------------------------------------------------------------------------------- ThreadSanitizer */

/* From sanitizer/tsan_interface.h; weak, because the other runtimes do not have them. */
int __tsan_get_report_data(void *report, const char **description, int *count, int *stack_count, int *mop_count,
			   int *loc_count, int *mutex_count, int *thread_count, int *unique_tid_count,
			   void **sleep_trace, unsigned long trace_size) __attribute__((weak));
int __tsan_get_report_mop(void *report, unsigned long idx, int *tid, void **addr, int *size, int *write, int *atomic,
			  void **trace, unsigned long trace_size) __attribute__((weak));

/* Called by the runtimes. */
void __tsan_on_report(void *report);
const char *__tsan_default_suppressions(void);
void __asan_on_error(void);
void __ubsan_on_report(void);

__asm__(".pushsection .rodata\n"
	".globl tsan_suppressions\n"
	"tsan_suppressions: .incbin \"" TSAN_SUPPRESSIONS "\"\n"
	".byte 0\n"
	".popsection\n");
extern const char tsan_suppressions[];

UNINSTRUMENTED const char *__tsan_default_suppressions(void)
{
	return tsan_suppressions;
}

/* The innermost function of a trace that has a name: an access inside the C library belongs to its caller. */
UNINSTRUMENTED static const char *innermost(void *const *trace)
{
	for (unsigned int i = 0; i < FRAMES_MAX && trace[i]; i++) {
		size_t offset;
		const char *name = symbols_name((uintptr_t)trace[i], &offset);

		if (name && strncmp(name, "__tsan_", 7) && strncmp(name, "__interceptor_", 14))
			return name;
	}
	return "?";
}

/*
 * The runtime holds its own locks while it reports, and another thread may be making a finding that the runtime has
 * something to say about: so a race is only noted here, and becomes a finding when somebody asks for findings.
 */
#define RACES_MAX 256

static HOST_OUTLIVES_RUNS struct {
	const char *what, *where, *where_too; /* constants of the runtime, and names of symbols.c */
	bool noted;
} races[RACES_MAX];
static HOST_OUTLIVES_RUNS unsigned int nr_races, nr_races_told;

UNINSTRUMENTED static void queue_race(const char *what, const char *where, const char *where_too)
{
	unsigned int i = __atomic_fetch_add(&nr_races, 1, __ATOMIC_RELAXED);

	if (i >= RACES_MAX)
		return;
	races[i].what = what;
	races[i].where = where;
	races[i].where_too = where_too;
	__atomic_store_n(&races[i].noted, true, __ATOMIC_RELEASE);
}

UNINSTRUMENTED static bool next_race(unsigned int *index)
{
	unsigned int i = __atomic_load_n(&nr_races_told, __ATOMIC_RELAXED);

	if (i >= RACES_MAX || !__atomic_load_n(&races[i].noted, __ATOMIC_ACQUIRE))
		return false;
	*index = i;
	return __atomic_compare_exchange_n(&nr_races_told, &i, i + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void sanitizers_tell(void)
{
	unsigned int i;

	while (next_race(&i))
		finding_sanitizer(FINDING_RACE, races[i].what, races[i].where, races[i].where_too);
}

UNINSTRUMENTED void __tsan_on_report(void *report)
{
	void *sleep_trace[1] = { 0 };
	const char *description = "?", *functions[2] = { "?", "?" };
	bool swapped;
	int count, stacks, accesses = 0, locations, mutexes, threads, tids;

	if (!__tsan_get_report_data || !__tsan_get_report_mop)
		return;
	__tsan_get_report_data(report, &description, &count, &stacks, &accesses, &locations, &mutexes, &threads, &tids,
			       sleep_trace, 1);
	for (int i = 0; i < accesses && i < 2; i++) {
		void *trace[FRAMES_MAX] = { 0 }, *address;
		int tid, size, write, atomic;

		__tsan_get_report_mop(report, (unsigned long)i, &tid, &address, &size, &write, &atomic, trace,
				      FRAMES_MAX);
		functions[i] = innermost(trace);
	}
	/* Which of the two came second is chance. */
	swapped = strcmp(functions[0], functions[1]) > 0;
	queue_race(description, functions[swapped], functions[!swapped]);
}

/* ---------------------------------------------------------------------------------------------- AddressSanitizer */

/* Calls, even of what is not there, look to OSS-Fuzz like half an ASan build (bad_build_check). */
#if __has_feature(address_sanitizer)
int __asan_report_present(void);
void *__asan_get_report_pc(void);
const char *__asan_get_report_description(void);

/* The runtime ends the process when it has printed its own report. */
UNINSTRUMENTED void __asan_on_error(void)
{
	const char *name;
	size_t offset;

	if (!__asan_report_present())
		return;
	name = symbols_name((uintptr_t)__asan_get_report_pc(), &offset);
	finding_sanitizer(FINDING_MEMORY, __asan_get_report_description(), name ? name : "?", NULL);
}
#endif

/* ---------------------------------------------------------------------------------------------------------- UBSan */

void __ubsan_get_current_report_data(const char **kind, const char **message, const char **file, unsigned int *line,
				     unsigned int *column, char **address) __attribute__((weak));

UNINSTRUMENTED void __ubsan_on_report(void)
{
	const char *kind, *message, *file;
	unsigned int line, column;
	char *address, place[128];

	if (!__ubsan_get_current_report_data)
		return;
	__ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
	snprintf(place, sizeof(place), "%s:%u", file, line);
	finding_sanitizer(FINDING_UNDEFINED, message, place, NULL);
}
