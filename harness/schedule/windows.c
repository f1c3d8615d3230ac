// SPDX-License-Identifier: GPL-2.0-only
/* windows.c - steps of two CPUs in one order: for each CPU that may be the first one, how far each window has come. */
#include "harness/schedule/windows.h"

#include <inttypes.h>
#include <string.h>

#define STEPS_MAX 6
#define NOBODY UINT8_MAX

_Static_assert(WINDOWS <= 64, "a bit each");

enum step_by {
	BY_NOBODY, /* behind the last one */
	BY_FIRST,
	BY_OTHER,
	BY_UNLESS,
};

struct step {
	enum step_by by;
	enum event event;
	bool same_object;
};

#define A(event) { BY_FIRST, EVENT_##event, false }
#define A_AT(event) { BY_FIRST, EVENT_##event, true }
#define B(event) { BY_OTHER, EVENT_##event, false }
#define B_AT(event) { BY_OTHER, EVENT_##event, true }
#define UNLESS(event) { BY_UNLESS, EVENT_##event, false }

static const struct window {
	const char *name, *text;
	struct step step[STEPS_MAX + 1];
} table[WINDOWS] = {
#define WINDOW(title, words, ...) { #title, words, { __VA_ARGS__ } },
#include "harness/schedule/windows.def"
#undef WINDOW
};

/* Windows that are about one of the events. */
static uint64_t windows_about(const struct windows *windows, uint64_t seen)
{
	uint64_t about = 0;

	for (; seen; seen &= seen - 1)
		about |= windows->about[__builtin_ctzll(seen)];
	return about;
}

/* ------------------------------------------------------------------------------------------------------------ steps */

static bool is_next(const struct window_progress *progress, const struct step *step, bool first, unsigned int cpu,
		    uint64_t seen, uint32_t object)
{
	return step->by == (first ? BY_FIRST : BY_OTHER) && (seen >> step->event & 1) &&
	       (first || progress->other == NOBODY || progress->other == cpu) &&
	       (!step->same_object || !progress->object || progress->object == object);
}

/* The first one does a step that is not the next one.  What it has done it may do again, but for the beginning. */
static bool begins_again(const struct window *window, unsigned int done, uint64_t seen)
{
	bool out_of_turn = false;

	for (unsigned int i = 0; window->step[i].by; i++) {
		if (window->step[i].by == BY_OTHER || !(seen >> window->step[i].event & 1))
			continue;
		if (i && i < done)
			return false;
		out_of_turn = true;
	}
	return out_of_turn;
}

static void forget(struct windows *windows, unsigned int number, unsigned int first)
{
	windows->begun[number] &= ~(1ull << first);
	windows->progress[number][first] = (struct window_progress){ .other = NOBODY };
}

static void advance(struct windows *windows, unsigned int number, unsigned int first, unsigned int cpu, uint32_t object)
{
	struct window_progress *progress = &windows->progress[number][first];
	const struct step *step = &table[number].step[progress->step++];

	windows->begun[number] |= 1ull << first;
	windows->any_begun |= 1ull << number;
	if (cpu != first)
		progress->other = (uint8_t)cpu;
	if (step->same_object)
		progress->object = object;
	if (step[1].by == BY_FIRST || step[1].by == BY_OTHER)
		return;
	windows->reached[number]++;
	windows->in_this_run |= 1ull << number;
	forget(windows, number, first);
}

static void see_one(struct windows *windows, unsigned int number, unsigned int first, unsigned int cpu, uint64_t seen,
		    uint32_t object)
{
	struct window_progress *progress = &windows->progress[number][first];
	const struct window *window = &table[number];

	if (is_next(progress, &window->step[progress->step], cpu == first, cpu, seen, object)) {
		advance(windows, number, first, cpu, object);
		return;
	}
	if ((seen >> EVENT_GUEST_ENTERED & 1) && (cpu == first || cpu == progress->other)) {
		forget(windows, number, first);
	} else if (cpu == first && begins_again(window, progress->step, seen)) {
		forget(windows, number, first);
		if (is_next(progress, window->step, true, cpu, seen, object))
			advance(windows, number, first, cpu, object);
	}
}

static void see_all(struct windows *windows, uint64_t about, unsigned int cpu, uint64_t seen, uint32_t object)
{
	for (; about; about &= about - 1) {
		unsigned int number = (unsigned int)__builtin_ctzll(about);
		uint64_t firsts = windows->begun[number] | (seen >> table[number].step[0].event & 1) << cpu;

		for (; firsts; firsts &= firsts - 1)
			see_one(windows, number, (unsigned int)__builtin_ctzll(firsts), cpu, seen, object);
	}
}

void windows_see(struct windows *windows, unsigned int cpu, const struct host_choice *point)
{
	uint64_t failures = host_alloc_failures(), seen = events_of(point), about;

	if (failures != windows->failures) {
		windows->failures = failures;
		seen |= 1ull << EVENT_ALLOCATION_FAILED;
	}
	about = windows_about(windows, seen);
	if (seen >> EVENT_GUEST_ENTERED & 1)
		about |= windows->any_begun;
	about &= ~windows->in_this_run;
	if (about)
		see_all(windows, about, cpu, seen, point->object);
}

/* ---------------------------------------------------------------------------------------------------------- results */

void windows_begin(struct windows *windows)
{
	windows->in_this_run = windows->any_begun = 0;
	windows->failures = host_alloc_failures();
	for (unsigned int number = 0; number < WINDOWS; number++) {
		for (const struct step *step = table[number].step; step->by; step++)
			windows->about[step->event] |= 1ull << number;
		for (unsigned int cpu = 0; cpu < DECISION_CPUS; cpu++)
			forget(windows, number, cpu);
	}
}

void windows_print(const struct windows *windows, uint64_t runs, FILE *stream)
{
	for (unsigned int number = 0; number < WINDOWS; number++) {
		if (windows->reached[number])
			fprintf(stream, "window %s: reached in %" PRIu64 " of %" PRIu64 " schedules (%s)\n",
				table[number].name, windows->reached[number], runs, table[number].text);
	}
}
