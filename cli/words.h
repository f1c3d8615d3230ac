/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.h - what several commands say: a line that lives, and where a program was found.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <sys/types.h>

#include "harness/program/program.h"

struct option_table;

/*
 * What a command begins with: its words (@words: how many stand before the options; NULL: it takes none) and options.
 * False: that was all, help or something bad that has been said, and @result is the exit code.
 */
bool command_begin(const struct option_table *table, int argc, char *const argv[], void *options, int *words,
		   int *result);

uint64_t now_ns(void);

/* @name in @directory ("", or with a '/' behind it), as seen from where this program lies; @path has PATH_MAX bytes. */
void path_from_program(char *path, const char *directory, const char *name);

/* In a child of @parent that is to try something: no core file, Ctrl-C is not for it, and it ends when @parent does. */
void child_begin(pid_t parent);
/* The same; what sanitizers and assertions write goes where nobody reads. */
void child_begin_quietly(pid_t parent);
/* Its exit code; EXIT_HARNESS if it was killed. */
int child_wait(pid_t child);

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
