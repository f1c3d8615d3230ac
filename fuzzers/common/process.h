/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h - one input after the other in one process, whatever the engine.
 */
#ifndef FUZZERS_COMMON_PROCESS_H
#define FUZZERS_COMMON_PROCESS_H

#include <stdio.h>

#include "harness/program/program.h"

/* Host, core and checks come up; once a process, before the first input.  Ends the process if they do not. */
void fuzz_start(void);

/*
 * What the target does with one input.  Returns if nothing was found; else the program and the finding are on stderr,
 * and fuzz_found() is called.
 */
bool fuzz_one(const uint8_t *bytes, size_t size); /* false: it is no input */

/* What there is to say of all inputs together. */
void fuzz_over(FILE *out);

/* For a driver without an engine; does not return.  NULL: abort(), with which engines keep the input. */
extern void (*fuzz_found)(bool in_core); /* false: it is the harness that is wrong */

#endif
