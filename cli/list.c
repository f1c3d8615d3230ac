// SPDX-License-Identifier: GPL-2.0-only
/*
 * list.c - `mmutorture list`: what can be named on the command line.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "harness/invariants/catalogue.h"
#include "stress/machine.h"
#include "stress/scenario.h"

static void list_cores(void)
{
	printf("cores (--core):\n");
	for (const struct mmu_core_ops *const *core = mmu_cores; *core; core++)
		printf("  %-12s %s\n", (*core)->name, (*core)->summary);
	if (!*mmu_cores)
		printf("  none: configure with -DKVM_SOURCE=<kernel tree>\n");
}

static void list_scenarios(void)
{
	printf("\nscenarios (--scenario):\n");
	for (size_t i = 0; i < nr_scenarios; i++)
		printf("  %-12s %s\n", scenarios[i].name, scenarios[i].summary);
	printf("\nroles that scenarios are made of:\n");
	for (size_t i = 0; i < ROLES_COUNT; i++)
		printf("  %-12s %s\n", role_rows[i].name, role_rows[i].summary);
}

static void list_invariants(void)
{
	printf("\ninvariants (--sabotage):\n");
	for (enum invariant_id id = 0; id < INVARIANTS; id++) {
		const struct invariant *row = invariant(id);

		printf("  %-4s %-10s %s\n", row->id, invariant_when_name(row->when), row->statement);
	}
}

static void list_plants(void)
{
	for (const struct mmu_core_ops *const *core = mmu_cores; *core; core++) {
		if (!(*core)->plants || !(*core)->plants->id)
			continue;
		printf("\nbugs that core %s can be told to have (--plant):\n", (*core)->name);
		for (const struct mmu_plant *plant = (*core)->plants; plant->id; plant++)
			printf("  %-4s %s\n", plant->id, plant->what);
	}
}

int list_command(int argc, char *const argv[])
{
	if (argc) {
		fprintf(stderr, "mmutorture list: takes no options, got '%s'\n", argv[0]);
		return EXIT_USAGE;
	}
	list_cores();
	list_scenarios();
	list_invariants();
	list_plants();
	return EXIT_OK;
}
