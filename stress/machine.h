// SPDX-License-Identifier: GPL-2.0-only
/*
 * machine.h - which core, what the options say of its machine, and how a subcommand ends.
 */
#ifndef STRESS_MACHINE_H
#define STRESS_MACHINE_H

#include "mmu_core/core.h"
#include "mmu_core/host.h"
#include "stress/options.h"

/* Of every subcommand (README). */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FINDING = 1, /* the core is wrong */
	EXIT_USAGE = 2,
	EXIT_HARNESS = 3, /* we are wrong, or the machine is too small */
	EXIT_SKIPPED = 77, /* asked for something that this core does not have; what ctest takes for a skip */
};

/* NULL name: the first core.  NULL: no core of that name, and a line on stderr that says which there are. */
const struct mmu_core_ops *machine_find_core(const char *name, const char *command);

/* Tells the core to have a bug (NULL: none); false: there is no such, and that has been said.  Before it starts. */
bool machine_plant(const struct mmu_core_ops *core, const char *id, const char *command);

/* The options' part that is fixed for the life of the process. */
void machine_config(const struct stress_options *options, struct mmu_core_config *config);
void machine_host_config(const struct stress_options *options, uint64_t seed, struct host_config *host);

/* A seed that is not zero, from the operating system. */
uint64_t machine_new_seed(void);

#endif
