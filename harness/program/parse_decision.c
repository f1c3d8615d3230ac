// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse_decision.c - a line of a schedule: "switch from=CPU step=N to=CPU", or "wait ... [nth=N] ...".
 */
#include "harness/program/parse_decision.h"

#include <string.h>

enum part {
	PART_FROM,
	PART_STEP,
	PART_NTH,
	PART_TO,
	PARTS,
};

static const char *const part_names[PARTS] = { "from", "step", "nth", "to" };

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
	char shown[WORD_SHOWN];

	if (value.length < DECISION_CPU_TEXT_MAX && decision_cpu_find(value.text, value.length, cpu))
		return true;
	return scan_fail(scanner, value.text,
			 "'%s' is no CPU: those are a thread's number, main, rcu, srcu, kthread0..%u",
			 word_show(value, shown), DECISION_CPUS - 1 - DECISION_CPU_KTHREAD);
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
	case PART_NTH:
	case PARTS:
		break;
	}
	if (!word_number(scanner, value, DECISION_NTH_MAX, &nth))
		return false;
	decision->nth = (uint32_t)nth;
	return true;
}

bool parse_decision(struct scanner *scanner, struct word word, struct decision *decision)
{
	char shown[WORD_SHOWN];
	unsigned int seen = 0;

	*decision = (struct decision){ .forced = word_is(word, "wait") };
	if (!decision->forced && !word_is(word, "switch"))
		return scan_fail(scanner, word.text, "'%s': a line of a schedule begins with 'switch' or 'wait'",
				 word_show(word, shown));
	while (!scan_at_line_end(scanner)) {
		struct word name = scan_name(scanner), value;
		unsigned int part = 0;

		while (part < PARTS && !word_is(name, part_names[part]))
			part++;
		if (part == PARTS)
			return scan_fail(scanner, name.text, "'%s' is none of from|step|nth|to",
					 word_show(name, shown));
		if (seen >> part & 1)
			return scan_fail(scanner, name.text, "'%s' stands there twice", part_names[part]);
		seen |= 1u << part;
		if (!scan_value(scanner, name, &value) || !parse_part(scanner, part, value, decision))
			return false;
	}
	for (unsigned int part = 0; part < PARTS; part++) {
		if (part != PART_NTH && !(seen >> part & 1))
			return scan_fail(scanner, scanner->at, "%.*s needs '%s=...', too", (int)word.length, word.text,
					 part_names[part]);
	}
	return true;
}
