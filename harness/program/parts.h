/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parts.h - what the verbs of harness/program share and nobody else needs.
 *
 * Streams are numbered for arrays and bytes here: 0 is setup, thread i is i + 1.
 */
#ifndef HARNESS_PROGRAM_PARTS_H
#define HARNESS_PROGRAM_PARTS_H

#include "harness/program/program.h"

#define STREAMS (PROGRAM_THREADS_MAX + 1)

/* Longest line of an operation, its end included; tests/unit/program_text_test.c measures it. */
#define OP_TEXT_MAX 240

/* The choices of the header's field "dirty". */
enum dirty_choice {
	DIRTY_BITMAP,
	DIRTY_MANUAL,
	DIRTY_INITSET,
	DIRTY_RING,
};

static inline unsigned int op_stream(const struct op *op)
{
	return op->thread == PROGRAM_SETUP ? 0 : op->thread + 1u;
}

static inline uint8_t stream_thread(unsigned int stream)
{
	return stream ? (uint8_t)(stream - 1) : PROGRAM_SETUP;
}

static inline size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Number of choices, counted once. */
unsigned int operand_choices(enum operand operand);
unsigned int field_choices(enum program_field field);
uint64_t operand_most(enum operand operand); /* largest value of its width */

/* Room for @nr_ops operations; never less than a power of two, so that growing one by one costs little. */
void program_reserve(struct program *program, size_t nr_ops);
/* Puts the streams into order, each in its own; whoever wrote to ops as they came calls it last. */
void program_sort(struct program *program);

/* Bytes of the line that op_print() writes, in at most OP_TEXT_MAX bytes of @text; no end of string. */
size_t op_format(const struct op *op, char *text);

/* mutate_schedule.c.  False: nothing to change. */
struct draw;
bool schedule_mutate(struct draw *draw, struct program *program);
void schedule_cross(struct draw *draw, struct program *child, const struct program *a, const struct program *b);

#endif
