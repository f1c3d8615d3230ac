// SPDX-License-Identifier: GPL-2.0-only
/*
 * finding.c - the list of findings: one entry for each class and id, the text of the first, a count of all.
 *
 * Locking: one word of our own, not a host lock: a finding may be made with any lock held, and making it must not be
 *          subject to the rules that it reports on.
 */
#include "harness/finding/finding.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/finding/known.h"
#include "harness/finding/sanitizers.h"
#include "harness/finding/text.h"

#define KINDS_MAX 256

static HOST_OUTLIVES_RUNS struct finding kinds[KINDS_MAX];
static HOST_OUTLIVES_RUNS _Atomic unsigned int nr_kinds; /* written under the lock */
static HOST_OUTLIVES_RUNS _Atomic unsigned int nr_news; /* kinds that are not known */
static HOST_OUTLIVES_RUNS unsigned int nr_printed;
static HOST_OUTLIVES_RUNS unsigned int printed_max = 8;
static HOST_OUTLIVES_RUNS int output = STDERR_FILENO;
static HOST_OUTLIVES_RUNS struct finding_run run;
static HOST_OUTLIVES_RUNS void (*listener)(const struct finding *finding);

/* 0: free, else 1 + the CPU that is making a finding. */
static HOST_OUTLIVES_RUNS _Atomic unsigned int owner;

/* False when this CPU is making a finding already: a trap inside of one; the inner one is dropped. */
static bool list_lock(void)
{
	unsigned int self = host_cpu_self() + 1;
	unsigned int expected = 0;

	if (atomic_load_explicit(&owner, memory_order_relaxed) == self)
		return false;
	while (!atomic_compare_exchange_weak_explicit(&owner, &expected, self, memory_order_acquire,
						      memory_order_relaxed))
		expected = 0;
	return true;
}

static void list_unlock(void)
{
	atomic_store_explicit(&owner, 0, memory_order_release);
}

void finding_set_run(const struct finding_run *new_run)
{
	run = *new_run;
	text_prepare();
}

void finding_set_printing(int fd, unsigned int max)
{
	output = fd;
	printed_max = max;
}

static struct finding *find(enum finding_class class, const char *id)
{
	for (unsigned int i = 0; i < nr_kinds; i++)
		if (kinds[i].class == class && strcmp(kinds[i].id, id) == 0)
			return &kinds[i];
	return NULL;
}

/* When the list is full, its last entry stands for whatever comes now: its count still says that there was more. */
static struct finding *add_locked(enum finding_class class, const char *id, char *text)
{
	struct finding *finding = &kinds[nr_kinds < KINDS_MAX ? nr_kinds : KINDS_MAX - 1];

	if (nr_kinds == KINDS_MAX) {
		free(text);
		return finding;
	}
	*finding = (struct finding){ .class = class, .first_ns = host_time_ns(), .text = text };
	snprintf(finding->id, sizeof(finding->id), "%s", id);
	nr_kinds++;
	return finding;
}

static void write_whole(const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t written = write(output, text, left);

		if (written <= 0)
			return;
		text += written;
		left -= written;
	}
}

static void print_locked(const char *text)
{
	if (output < 0 || nr_printed >= printed_max)
		return;
	nr_printed++;
	write_whole(text);
}

/* A kind that was not seen before: told in full, or in a line when it is known. */
static struct finding *add_kind_locked(enum finding_class class, const char *id, enum invariant_id row,
				       const char *facts, const char *known)
{
	char source_line[256] = "", said[1280];
	struct finding *finding;
	char *text;

	known_source_line(id, source_line, sizeof(source_line));
	if (!known)
		known = known_reason(class, id, source_line);
	if (known) {
		snprintf(said, sizeof(said), "known: %s: %s: %s (%s)\n", finding_class_name(class), id,
			 *source_line ? source_line : facts, known);
		text = strdup(said);
	} else {
		snprintf(said, sizeof(said), "%s%s%s", facts, *source_line ? ": " : "", source_line);
		text = text_make(&run, class, id, row, said);
		nr_news++;
	}
	print_locked(text);
	finding = add_locked(class, id, text);
	finding->known = known;
	return finding;
}

/* @known: why it is no news; NULL: the source line that complained may tell. */
static void record(enum finding_class class, const char *id, enum invariant_id row, const char *facts,
		   const char *known)
{
	struct finding *finding;
	bool first;

	if (!list_lock())
		return;
	finding = find(class, id);
	first = !finding;
	if (first)
		finding = add_kind_locked(class, id, row, facts, known);
	finding->count++;
	list_unlock();
	if (first && !finding->known && listener)
		listener(finding);
}

void finding_set_listener(void (*new_listener)(const struct finding *finding))
{
	listener = new_listener;
}

void finding_violation(enum invariant_id id, const char *format, ...)
{
	const struct known_breach *breach;
	char facts[1024], name[sizeof(kinds[0].id)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(facts, sizeof(facts), format, arguments);
	va_end(arguments);
	breach = known_breach_of(run.core, id, facts);
	if (breach) {
		snprintf(name, sizeof(name), "%s %s", invariant(id)->id, breach->name);
		record(FINDING_INVARIANT, name, id, facts, breach->reason);
		return;
	}
	invariant_count_failure(id);
	record(FINDING_INVARIANT, invariant(id)->id, id, facts, NULL);
}

/* "/any/where/arch/x86/kvm/mmu/mmu.c" is known to its readers as "arch/x86/kvm/mmu/mmu.c". */
static const char *path_in_tree(const char *file)
{
	static const char *const tops[] = { "/arch/x86/", "/virt/kvm/", "/include/linux/", "/mmu_core/" };

	for (unsigned int i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		const char *found = strstr(file, tops[i]);

		if (found)
			return found + 1;
	}
	return file;
}

static enum finding_class class_of_report(enum host_report_class class)
{
	switch (class) {
	case HOST_REPORT_WARN:
		return FINDING_WARN;
	case HOST_REPORT_BUG:
		return FINDING_BUG;
	case HOST_REPORT_LOCKDEP:
		return FINDING_LOCKDEP;
	case HOST_REPORT_MEMORY:
		return FINDING_MEMORY;
	case HOST_REPORT_STALL:
		return FINDING_STALL;
	}
	HOST_ASSERT(!"a report class of which the harness knows nothing");
	return FINDING_CLASSES;
}

void finding_core_report(const struct host_report *report)
{
	enum finding_class class = class_of_report(report->class);
	bool rank_inversion = class == FINDING_LOCKDEP && strstr(report->text, "rank");
	char id[sizeof(kinds[0].id)];

	if (rank_inversion) {
		invariant_count_failure(INV_L3);
		record(class, invariant(INV_L3)->id, INV_L3, report->text, NULL);
		return;
	}
	if (report->file)
		snprintf(id, sizeof(id), "%s:%d", path_in_tree(report->file), report->line);
	else /* behind it stand addresses, and who else there is */
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(report->text, ";"), report->text);
	record(class, id, INVARIANTS, report->text, NULL);
}

void finding_sanitizer(enum finding_class class, const char *what, const char *where, const char *where_too)
{
	char id[sizeof(kinds[0].id)], facts[256];

	where = path_in_tree(where);
	snprintf(id, sizeof(id), "%s%s%s", where, where_too ? " / " : "", where_too ? where_too : "");
	snprintf(facts, sizeof(facts), "%s in %s; the sanitizer's own report is above or below", what, id);
	record(class, id, INVARIANTS, facts, NULL);
}

bool finding_any(void)
{
	sanitizers_tell();
	return atomic_load_explicit(&nr_news, memory_order_relaxed) != 0;
}

bool finding_any_known(void)
{
	return atomic_load_explicit(&nr_kinds, memory_order_relaxed) !=
	       atomic_load_explicit(&nr_news, memory_order_relaxed);
}

uint64_t finding_count(void)
{
	uint64_t sum = 0;

	if (!list_lock())
		return 0;
	for (unsigned int i = 0; i < nr_kinds; i++)
		sum += kinds[i].known ? 0 : kinds[i].count;
	list_unlock();
	return sum;
}

uint64_t finding_count_of(enum invariant_id id)
{
	return invariant_failures(id);
}

void finding_for_each(bool (*visitor)(void *context, const struct finding *finding), void *context)
{
	sanitizers_tell();
	/*
	 * Entries never go away while others run (finding_reset()).  The visitor gets a copy, because it may make
	 * findings, and others make them meanwhile: also when this thread died while it was making one.
	 */
	for (unsigned int i = 0; i < atomic_load_explicit(&nr_kinds, memory_order_acquire); i++) {
		bool locked = list_lock();
		struct finding finding = kinds[i];

		if (locked)
			list_unlock();
		if (!visitor(context, &finding))
			return;
	}
}

void finding_reset(void)
{
	if (!list_lock())
		return;
	for (unsigned int i = 0; i < nr_kinds; i++)
		free(kinds[i].text);
	memset(kinds, 0, sizeof(kinds));
	nr_kinds = 0;
	nr_news = 0;
	nr_printed = 0;
	invariant_counters_reset();
	list_unlock();
}
