/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.h - what several commands say: a line that lives, and where a program was found.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "harness/program/program.h"

uint64_t now_ns(void);

/*
 * On a terminal the line is written over itself; elsewhere a new one comes every few seconds.  Print what
 * live_line_begin() returns, the line, and what live_line_end() returns.
 */
bool live_line_due(uint64_t *shown_ns, bool last);
const char *live_line_begin(void);
const char *live_line_end(bool last);

/* Warnings on standard error where the program was found elsewhere. */
void origin_tell(const struct program *program, const struct mmu_core_ops *core);
void origin_set(struct program *program, const struct mmu_core_ops *core, uint64_t seed, const char *finding);

#endif
