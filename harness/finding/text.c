// SPDX-License-Identifier: GPL-2.0-only
/*
 * text.c - a finding as text: what, by which rule, the facts, how to repeat it, and the stack.
 *
 * The first line is what crash farms group by, and so is the top of the stack: frames of the reporting machinery are
 * left out, so that the first one is the function that was wrong.
 */
#include "harness/finding/text.h"

#include <execinfo.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/finding/symbols.h"
#include "mmu_core/schedule.h"

#define TEXT_BYTES 16384
#define FRAMES_MAX 64
#define FRAMES_SHOWN 16

struct text {
	char bytes[TEXT_BYTES];
	size_t used;
};

static struct text text;

const char *finding_class_name(enum finding_class class)
{
	static const char *const names[FINDING_CLASSES] = {
		[FINDING_INVARIANT] = "mmu-invariant", [FINDING_WARN] = "kernel-warn",    [FINDING_BUG] = "kernel-bug",
		[FINDING_LOCKDEP] = "lockdep",         [FINDING_MEMORY] = "memory",       [FINDING_STALL] = "stall",
		[FINDING_RACE] = "data-race",          [FINDING_UNDEFINED] = "undefined",
	};

	return names[class];
}

static const char *class_statement(enum finding_class class)
{
	static const char *const statements[FINDING_CLASSES] = {
		[FINDING_WARN] = "the core's own WARN_ON() conditions never hold",
		[FINDING_BUG] = "the core's own BUG_ON() conditions never hold",
		[FINDING_LOCKDEP] = "the core's own locking assertions always hold",
		[FINDING_MEMORY] = "the core touches only memory that it owns",
		[FINDING_STALL] = "every wait ends",
		[FINDING_RACE] = "accesses of two threads to the same memory are marked or ordered",
		[FINDING_UNDEFINED] = "the core does nothing that C leaves undefined",
	};

	return statements[class];
}

static void append(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void append(const char *format, ...)
{
	size_t room = sizeof(text.bytes) - text.used;
	va_list arguments;
	int written;

	va_start(arguments, format);
	written = vsnprintf(text.bytes + text.used, room, format, arguments);
	va_end(arguments);
	if (written > 0)
		text.used += (size_t)written < room ? (size_t)written : room - 1;
}

static void append_line(const char *name, const char *value)
{
	if (value)
		append("  %-10s %s\n", name, value);
}

/* The machinery that makes and carries reports: its frames are not what a reader wants to see. */
static bool is_machinery(const char *name)
{
	static const char *const prefixes[] = {
		"text_",
		"append",
		"record",
		"finding_",
		"host_report",
		"host_trap",
		"trap_",
		"shim_trap",
		"shim_warn",
		"__tsan_on_report",
		"__tsan::",
		"__asan",
		"__ubsan",
		"__sanitizer",
		"fibre_switch_to",
		"schedule_go",
		"schedule_sleep",
		"give_up",
		"jump_to_next_deadline",
		"nobody_can_run",
	};

	for (unsigned int i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static const char *frame_name(void *frame, size_t *offset)
{
	*offset = 0;
	return symbols_name((uintptr_t)frame, offset);
}

/* Behind the last frame of the machinery, and behind the C library's signal frame when a trap reported. */
static int first_subject(void *const *frames, int count)
{
	size_t offset;
	int first = 0;

	for (int i = 0; i < count; i++) {
		const char *name = frame_name(frames[i], &offset);

		if (name && is_machinery(name))
			first = i + 1;
	}
	while (first < count && !frame_name(frames[first], &offset))
		first++;
	return first < count ? first : 0;
}

static void append_frames(void *const *frames, int count)
{
	int first = first_subject(frames, count);

	for (int i = first; i < count && i < first + FRAMES_SHOWN; i++) {
		size_t offset;
		const char *name = frame_name(frames[i], &offset);

		append("    #%-2d %p %s+0x%zx\n", i - first, frames[i], name ? name : "?", offset);
	}
}

static void append_backtrace(void)
{
	void *frames[FRAMES_MAX];

	append("  stack\n");
	append_frames(frames, backtrace(frames, FRAMES_MAX));
}

/* A wait that does not end is the business of all who could end it.  On threads nobody sees the others' stacks. */
static void append_stacks_of_others(void)
{
	void *frames[FRAMES_MAX];

	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		unsigned int count;

		if (cpu == host_cpu_self() || !host_cpu_is_online(cpu))
			continue;
		count = host_schedule_stack(cpu, frames, FRAMES_MAX);
		if (!count)
			continue;
		append("  stack of CPU %u (%s)\n", cpu, host_cpu_name(cpu));
		append_frames(frames, (int)count);
	}
}

static void append_run(const struct finding_run *run)
{
	unsigned int cpu = host_cpu_self();

	append("  %-10s core %s (%s), scenario %s, seed %#" PRIx64 ", cpu %u \"%s\"\n", "run",
	       run->core ? run->core : "?", run->version ? run->version : "?", run->scenario ? run->scenario : "?",
	       run->seed, cpu, host_cpu_name(cpu));
	append_line("repeat", run->command_line);
}

void text_prepare(void)
{
	void *frames[2];

	/* The first call may load libgcc and allocate. */
	backtrace(frames, 2);
	symbols_load();
}

char *text_make(const struct finding_run *run, enum finding_class class, const char *id, enum invariant_id row,
		const char *facts)
{
	const struct invariant *rule = row < INVARIANTS ? invariant(row) : NULL;

	text.used = 0;
	append("ASSERTION FAILED: %s: %s\n", finding_class_name(class), id);
	append_line("statement", rule ? rule->statement : class_statement(class));
	append_line("source", rule ? rule->source : NULL);
	append_line("facts", facts);
	append_run(run);
	if (class != FINDING_RACE) /* the runtime's report has the stacks of both threads */
		append_backtrace();
	if (class == FINDING_STALL)
		append_stacks_of_others();
	return strdup(text.bytes);
}
