// SPDX-License-Identifier: GPL-2.0-only
/*
 * core_fixture.c - see core_fixture.h.
 */
#include "tests/core/core_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/world/world.h"

const struct mmu_core_config common_machine = {
	.accessed_dirty = true,
	.root_level = 4,
	.maxphyaddr = 46,
	.level_max = MMU_LEVEL_1G,
	.tdp = true,
	.nx_huge_pages = true,
	.eager_split = true,
};

void must(int error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "%s: %s: error %d\n", program_invocation_short_name, what, -error);
	exit(3);
}

bool is_supported(int error, const char *what)
{
	if (error == -EOPNOTSUPP)
		return false;
	must(error, what);
	return true;
}

const struct mmu_core_ops *fixture_core(const struct host_config *host, const struct mmu_core_config *config,
					const char *scenario)
{
	const struct mmu_core_ops *core = mmu_cores[0];

	must(core_start(core, host, config, &(struct finding_run){ .scenario = scenario }), "core");
	return core;
}

bool core_has_vms_of(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		     const struct mmu_vm_config *vm_config)
{
	const struct world_options options = { .vcpus = 1 };
	struct world *world;

	if (!is_supported(world_create(core, config, vm_config, &options, &world), "VM"))
		return false;
	world_destroy(world);
	return true;
}
