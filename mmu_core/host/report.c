// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.c - complaints: what the core says of itself, what the host's own checks say of the core, and assertions.
 *
 * A complaint reaches the reporter once; the same one again is only counted.  With a place in the source it is the same
 * when place and class are; without (the host's own) when the text is.
 * Locking: one word a complaint, claimed by cmpxchg, so that a signal handler may report.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define SEEN_MAX 1024 /* a power of two; when full, everything is reported */

static struct {
	uint64_t key; /* 0: free */
	uint64_t count;
} seen[SEEN_MAX];

static host_reporter reporter;

static const char *const class_names[] = {
	[HOST_REPORT_WARN] = "WARN",     [HOST_REPORT_BUG] = "BUG",     [HOST_REPORT_LOCKDEP] = "LOCKDEP",
	[HOST_REPORT_MEMORY] = "MEMORY", [HOST_REPORT_STALL] = "STALL",
};

static void report_to_stderr(const struct host_report *report)
{
	fprintf(stderr, "%s on CPU %u", class_names[report->class], report->cpu);
	if (report->file)
		fprintf(stderr, " at %s:%d", report->file, report->line);
	fprintf(stderr, ": %s\n", report->text);
}

/* Forgets what was reported before, so that the new reporter hears everything once. */
host_reporter host_set_reporter(host_reporter new_reporter)
{
	for (unsigned int i = 0; i < SEEN_MAX; i++)
		__atomic_store_n(&seen[i].key, 0, __ATOMIC_RELAXED);
	return __atomic_exchange_n(&reporter, new_reporter, __ATOMIC_ACQ_REL);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

static bool is_first(const struct host_report *report)
{
	uint64_t key = hash_text(0xcbf29ce484222325ULL + report->class, report->file ? report->file : report->text);

	if (report->file)
		key = (key ^ (uint64_t)report->line) * 0x100000001b3ULL;
	key |= 1;
	for (unsigned int i = 0; i < SEEN_MAX; i++) {
		unsigned int slot = (key >> 8 ^ i) % SEEN_MAX;
		uint64_t old = 0;

		if (__atomic_compare_exchange_n(&seen[slot].key, &old, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
		if (old == key) {
			__atomic_add_fetch(&seen[slot].count, 1, __ATOMIC_RELAXED);
			return false;
		}
	}
	return true;
}

void host_report(enum host_report_class class, const char *file, int line, const char *format, ...)
{
	struct host_report report = { .class = class, .file = file, .line = line, .cpu = host_cpu_self() };
	host_reporter now = __atomic_load_n(&reporter, __ATOMIC_ACQUIRE);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(report.text, sizeof(report.text), format, arguments);
	va_end(arguments);
	if (is_first(&report))
		(now ? now : report_to_stderr)(&report);
	if (class == HOST_REPORT_BUG) {
		fflush(stdout);
		_exit(1);
	}
}

void host_assert_failed(const char *file, int line, const char *expression)
{
	fflush(stdout);
	fprintf(stderr, "%s:%d: assertion of the harness failed: %s\n", file, line, expression);
	_exit(3);
}
