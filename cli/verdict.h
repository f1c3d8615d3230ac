/* SPDX-License-Identifier: GPL-2.0-only */
/* verdict.h - how a run of a program ends: by what was found, and what the program is there to show. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "harness/program/program.h"
#include "stress/machine.h"

/* Prints what became of the program's expectation, if it has one. */
enum exit_code verdict_of(const struct program *program, const struct mmu_core_ops *core);

#endif
