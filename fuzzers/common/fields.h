/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fields.h - the machine that this process is, as fields of a program's header.
 *
 * It is fixed for the life of a process, so it is said by the environment and not by the input:
 *     MMUTORTURE_MACHINE="paging=npt levels=5"     what the `machine` line of a program says; the rest is preset
 */
#ifndef FUZZERS_COMMON_FIELDS_H
#define FUZZERS_COMMON_FIELDS_H

#include "harness/program/program.h"

/* Puts them into @program's header.  What the environment says wrongly ends the process with exit code 2. */
void fuzz_machine_fields(struct program *program);

#endif
