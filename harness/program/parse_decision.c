// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse_decision.c - a line of a schedule: "switch from=CPU step=N to=CPU", "wait ... [nth=N] ...", or
 * "hold cpu=CPU at=EVENT [nth=N] until=CPU past=EVENT".
 */
#include "harness/program/parse_decision.h"

#include <string.h>

enum part {
	PART_FROM,
	PART_STEP,
	PART_NTH,
	PART_TO,
	PART_AT,
	PART_PAST,
	PARTS,
};

static const struct line {
	const char *names[PARTS]; /* NULL: not of such a line */
	const char *among;
} lines[] = {
	{ { [PART_FROM] = "from", [PART_STEP] = "step", [PART_NTH] = "nth", [PART_TO] = "to" }, "from|step|nth|to" },
	{ { [PART_FROM] = "cpu", [PART_NTH] = "nth", [PART_TO] = "until", [PART_AT] = "at", [PART_PAST] = "past" },
	  "cpu|at|nth|until|past" },
};

bool parse_schedule_head(struct scanner *scanner, uint64_t *seed)
{
	char shown[WORD_SHOWN];
	struct word name, value;

	*seed = 0;
	if (scan_at_line_end(scanner))
		return true;
	name = scan_name(scanner);
	if (!word_is(name, "seed"))
		return scan_fail(scanner, name.text, "'%s': schedule has 'seed=...', or nothing",
				 word_show(name, shown));
	return scan_value(scanner, name, &value) && word_number(scanner, value, UINT64_MAX >> 1, seed) &&
	       scan_line_ends(scanner);
}

static bool parse_cpu(struct scanner *scanner, struct word value, uint8_t *cpu)
{
	char shown[WORD_SHOWN], name[DECISION_CPU_TEXT_MAX];

	for (*cpu = 0; *cpu < DECISION_CPUS; ++*cpu) {
		if (word_is(value, decision_cpu_name(*cpu, name)))
			return true;
	}
	return scan_fail(scanner, value.text,
			 "'%s' is no CPU: those are a thread's number, main, rcu, srcu, kthread0..%u",
			 word_show(value, shown), DECISION_CPUS - 1 - DECISION_CPU_KTHREAD);
}

static bool parse_event(struct scanner *scanner, struct word value, uint8_t *event)
{
	char shown[WORD_SHOWN];

	for (*event = 0; *event < EVENTS; ++*event) {
		if (word_is(value, event_name(*event)))
			return true;
	}
	return scan_fail(scanner, value.text, "'%s' is no event: those are in docs/OPS.md", word_show(value, shown));
}

static bool parse_part(struct scanner *scanner, enum part part, struct word value, struct decision *decision)
{
	uint64_t nth;

	switch (part) {
	case PART_FROM:
		return parse_cpu(scanner, value, &decision->from);
	case PART_TO:
		return parse_cpu(scanner, value, &decision->to);
	case PART_STEP:
		return word_number(scanner, value, DECISION_STEP_MAX, &decision->step);
	case PART_AT:
		return parse_event(scanner, value, &decision->at);
	case PART_PAST:
		return parse_event(scanner, value, &decision->past);
	case PART_NTH:
	case PARTS:
		break;
	}
	if (!word_number(scanner, value, DECISION_NTH_MAX, &nth))
		return false;
	decision->nth = (uint32_t)nth;
	return true;
}

static bool parse_parts(struct scanner *scanner, const struct line *line, struct decision *decision, unsigned int *seen)
{
	char shown[WORD_SHOWN];

	while (!scan_at_line_end(scanner)) {
		struct word name = scan_name(scanner), value;
		unsigned int part = 0;

		while (part < PARTS && !(line->names[part] && word_is(name, line->names[part])))
			part++;
		if (part == PARTS)
			return scan_fail(scanner, name.text, "'%s' is none of %s", word_show(name, shown), line->among);
		if (*seen >> part & 1)
			return scan_fail(scanner, name.text, "'%s' stands there twice", line->names[part]);
		*seen |= 1u << part;
		if (!scan_value(scanner, name, &value) || !parse_part(scanner, part, value, decision))
			return false;
	}
	return true;
}

bool parse_decision(struct scanner *scanner, struct word word, struct decision *decision)
{
	const struct line *line;
	char shown[WORD_SHOWN];
	unsigned int seen = 0;

	*decision = (struct decision){ .forced = word_is(word, "wait"), .hold = word_is(word, "hold") };
	if (!decision->forced && !decision->hold && !word_is(word, "switch"))
		return scan_fail(scanner, word.text,
				 "'%s': a line of a schedule begins with 'switch', 'wait' or 'hold'",
				 word_show(word, shown));
	line = &lines[decision->hold];
	if (!parse_parts(scanner, line, decision, &seen))
		return false;
	for (unsigned int part = 0; part < PARTS; part++) {
		if (line->names[part] && part != PART_NTH && !(seen >> part & 1))
			return scan_fail(scanner, scanner->at, "%.*s needs '%s=...', too", (int)word.length, word.text,
					 line->names[part]);
	}
	return true;
}
