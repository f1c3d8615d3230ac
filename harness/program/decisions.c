// SPDX-License-Identifier: GPL-2.0-only
/*
 * decisions.c - a program's schedule as bytes; decisions.h has the format.
 */
#include "harness/program/decisions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FORM_EXACT 0
#define NUMBER_BYTES_MAX 9
#define FLAG_FORCED 1
#define FLAG_NTH 2
#define FLAG_HOLD 4
#define FLAG_BITS 3

_Static_assert(DECISION_BYTES_MAX == 2 + 2 * NUMBER_BYTES_MAX, "two bytes and two numbers");
_Static_assert(SCHEDULE_HEAD_BYTES_MAX == 1 + NUMBER_BYTES_MAX, "a byte and a number");
_Static_assert(DECISION_CPU_KTHREAD < DECISION_CPUS && DECISION_CPUS <= 256, "one in a byte");

/* ---------------------------------------------------------------------------------------------------------- numbers */

static bool get_number(struct decision_reader *reader, uint64_t *number)
{
	*number = 0;
	for (unsigned int i = 0; i < NUMBER_BYTES_MAX; i++) {
		if (reader->at == reader->end)
			return false;
		*number |= (uint64_t)(*reader->at & 0x7f) << 7 * i;
		if (!(*reader->at++ & 0x80))
			break;
	}
	return true;
}

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
	for (unsigned int i = 1; number >> 7 && i < NUMBER_BYTES_MAX; i++) {
		*at++ = (uint8_t)(number | 0x80);
		number >>= 7;
	}
	*at++ = number & 0x7f;
	return at;
}

/* ------------------------------------------------------------------------------------------------------------- read */

uint64_t decisions_begin(struct decision_reader *reader, const struct program *program)
{
	uint64_t seed;

	*reader = (struct decision_reader){ 0 };
	if (!program->schedule_bytes)
		return 0;
	reader->at = program->schedule;
	reader->end = program->schedule + program->schedule_bytes;
	reader->at++; /* there is one form */
	get_number(reader, &seed);
	return seed;
}

static void make_hold(struct decision *decision)
{
	decision->at = (uint8_t)(decision->step / EVENTS % EVENTS);
	decision->past = (uint8_t)(decision->step % EVENTS);
	decision->step = 0;
	decision->forced = false;
}

bool decisions_next(struct decision_reader *reader, struct decision *decision)
{
	uint64_t number, nth = 0;
	uint8_t from, to;

	if (reader->end - reader->at < DECISION_BYTES_MIN)
		return false;
	from = *reader->at++ % DECISION_CPUS;
	to = *reader->at++ % DECISION_CPUS;
	if (!get_number(reader, &number) || (number & FLAG_NTH && !get_number(reader, &nth))) {
		reader->at = reader->end;
		return false;
	}
	nth %= DECISION_NTH_MAX;
	*decision = (struct decision){
		.step = number >> FLAG_BITS,
		.nth = number & FLAG_NTH ? (uint32_t)nth + 1 : 0,
		.from = from,
		.to = to,
		.forced = number & FLAG_FORCED,
		.hold = number & FLAG_HOLD,
	};
	if (decision->hold)
		make_hold(decision);
	return true;
}

/* ------------------------------------------------------------------------------------------------------------ write */

size_t schedule_head_encode(uint64_t seed, uint8_t bytes[SCHEDULE_HEAD_BYTES_MAX])
{
	bytes[0] = FORM_EXACT;
	return (size_t)(put_number(&bytes[1], seed) - bytes);
}

size_t decision_encode(const struct decision *decision, uint8_t bytes[DECISION_BYTES_MAX])
{
	uint64_t flags = (decision->forced ? FLAG_FORCED : 0) | (decision->nth ? FLAG_NTH : 0) |
			 (decision->hold ? FLAG_HOLD : 0);
	uint64_t step = decision->hold ? (uint64_t)decision->at * EVENTS + decision->past : decision->step;
	uint8_t *at = bytes;

	*at++ = decision->from;
	*at++ = decision->to;
	at = put_number(at, step << FLAG_BITS | flags);
	if (decision->nth)
		at = put_number(at, decision->nth - 1);
	return (size_t)(at - bytes);
}

void program_drop_schedule(struct program *program)
{
	free(program->schedule);
	program->schedule = NULL;
	program->schedule_bytes = 0;
}

bool program_set_schedule(struct program *program, uint64_t seed, const struct decision *decisions, size_t count)
{
	size_t room = SCHEDULE_HEAD_BYTES_MAX + count * DECISION_BYTES_MAX, i;

	program_drop_schedule(program);
	program->schedule = malloc(room);
	HOST_ASSERT(program->schedule);
	program->schedule_bytes = schedule_head_encode(seed, program->schedule);
	for (i = 0; i < count && program->schedule_bytes + DECISION_BYTES_MAX <= PROGRAM_SCHEDULE_MAX; i++)
		program->schedule_bytes += decision_encode(&decisions[i], program->schedule + program->schedule_bytes);
	return i == count;
}

/* What is written is never longer than what was read, but for a head without a seed. */
void schedule_canonical(struct program *program)
{
	uint8_t one[DECISION_BYTES_MAX];
	struct decision_reader reader;
	struct decision decision;
	uint8_t *at;
	uint64_t seed;
	size_t size;

	if (!program->schedule_bytes) {
		program_drop_schedule(program);
		return;
	}
	if (program->schedule_bytes == 1) {
		program_set_schedule(program, 0, NULL, 0);
		return;
	}
	seed = decisions_begin(&reader, program);
	at = program->schedule + schedule_head_encode(seed, program->schedule);
	while (decisions_next(&reader, &decision)) {
		size = decision_encode(&decision, one);
		memcpy(at, one, size);
		at += size;
	}
	program->schedule_bytes = (size_t)(at - program->schedule);
}

/* ------------------------------------------------------------------------------------------------------------- text */

static const char *const one_of_a_kind[] = { "main", "rcu", "srcu" };

#define KTHREAD "kthread"

const char *decision_cpu_name(unsigned int cpu, char *text)
{
	if (cpu < DECISION_CPU_MAIN)
		snprintf(text, DECISION_CPU_TEXT_MAX, "%u", cpu);
	else if (cpu < DECISION_CPU_KTHREAD)
		snprintf(text, DECISION_CPU_TEXT_MAX, "%s", one_of_a_kind[cpu - DECISION_CPU_MAIN]);
	else
		snprintf(text, DECISION_CPU_TEXT_MAX, KTHREAD "%u", cpu - DECISION_CPU_KTHREAD);
	return text;
}

static const char *const event_names[EVENTS] = {
#define EVENT(name, text, kind, functions) [EVENT_##name] = text,
#include "harness/program/events.def"
#undef EVENT
};

const char *event_name(enum event event)
{
	return event_names[event];
}

size_t decision_format(const struct decision *decision, char *text)
{
	char from[DECISION_CPU_TEXT_MAX], to[DECISION_CPU_TEXT_MAX], nth[24] = "";

	if (decision->nth)
		snprintf(nth, sizeof(nth), " nth=%" PRIu32, decision->nth);
	if (decision->hold)
		return (size_t)snprintf(text, DECISION_TEXT_MAX, "hold cpu=%s at=%s%s until=%s past=%s",
					decision_cpu_name(decision->from, from), event_names[decision->at], nth,
					decision_cpu_name(decision->to, to), event_names[decision->past]);
	return (size_t)snprintf(text, DECISION_TEXT_MAX, "%s from=%s step=%" PRIu64 "%s to=%s",
				decision->forced ? "wait" : "switch", decision_cpu_name(decision->from, from),
				decision->step, nth, decision_cpu_name(decision->to, to));
}
