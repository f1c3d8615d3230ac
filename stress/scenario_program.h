/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scenario_program.h - a scenario as small programs: two vCPUs, one or two other threads, a few operations each, all
 * about the same one or two pages, so that a schedule of it is short and most of its points matter.
 */
#ifndef STRESS_SCENARIO_PROGRAM_H
#define STRESS_SCENARIO_PROGRAM_H

#include "harness/program/program.h"
#include "stress/scenario.h"

/* Deterministic in @seed.  @type: one that the scenario is for.  @program: uninitialised or freed. */
void scenario_program(const struct scenario *scenario, enum mmu_vm_type type, uint64_t seed, struct program *program);

/* One machine a process, by @seed: with and without what makes KVM take another way (PML, A/D bits, NPT). */
void scenario_machine(uint64_t seed, struct program *program);

/* Two vCPUs fault on one page while the host takes it away and its slot goes: not by chance, and the same each time. */
void collision_program(enum mmu_vm_type type, struct program *program);

#endif
