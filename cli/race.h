/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * race.h - the one swap: two schedules of a program that differ in which of two neighbouring operations comes first, of
 * which one shows a finding and the other one does not.
 */
#ifndef CLI_RACE_H
#define CLI_RACE_H

#include "cli/lab.h"

#define RACE_FRAMES 24

/* What a CPU does as it comes to its point of the pair; addresses, innermost first. */
struct race_stack {
	unsigned int count;
	void *address[RACE_FRAMES];
};

struct race {
	struct program shows, passes; /* the same but for their schedules */
	struct {
		uint8_t cpu; /* of decisions.h */
		uint64_t step; /* of its own points: what follows it is what is swapped */
		uint64_t index; /* of that point in the record of the run that shows it */
		struct race_stack stack;
	} first, second; /* as they come in the run that shows it; in the other one the second comes first */
	uint64_t trials;
};

/*
 * @program shows the finding, and not with any of its decisions less.  False: there is no such pair, because nothing is
 * preempted.  The record of the run that shows it is left on lab->again.
 */
bool race_find(struct lab *lab, const char *finding, const struct program *program, struct race *race);
void race_free(struct race *race);

/* The lanes of both CPUs around the swap, and their stacks. */
void race_print(const struct race *race, const struct schedule_record *record, FILE *stream);
struct cJSON;
struct cJSON *race_export(const struct race *race, const struct schedule_record *record);

#endif
