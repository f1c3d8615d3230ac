/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * choose.h - values for arguments: what the rest of a program is about, what lies next to it, and what its domain likes
 * to try.
 */
#ifndef HARNESS_PROGRAM_CHOOSE_H
#define HARNESS_PROGRAM_CHOOSE_H

#include "harness/program/draw.h"
#include "harness/program/program.h"

struct chooser {
	struct draw draw;
	uint64_t wild; /* one value of so many need not make sense */
};

/* For @operand, which is @now; the result is in its domain.  It may be the same. */
uint64_t choose_value(struct chooser *chooser, const struct program *program, enum operand operand, uint64_t now);

/* Arguments for an operation whose code and stream are there: mostly about what another operation is about. */
void choose_arguments(struct chooser *chooser, const struct program *program, struct op *op);

/* Takes over the arguments that are of the same kind in both. */
void take_arguments(struct op *to, const struct op *from);

/* Cuts a run of operations out, so that at most @ops_max are left. */
void cut_down(struct draw *draw, struct program *program, size_t ops_max);

#endif
