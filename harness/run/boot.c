// SPDX-License-Identifier: GPL-2.0-only
/*
 * boot.c - see boot.h.
 */
#include "harness/run/boot.h"

#include "harness/invariants/invariants.h"

int core_boot(const struct mmu_core_ops *core, const struct host_config *host, const struct mmu_core_config *config)
{
	int error = host_init(host);

	if (error)
		return error;
	host_set_reporter(finding_core_report);
	return core->init(config);
}

int core_start(const struct mmu_core_ops *core, const struct host_config *host, const struct mmu_core_config *config,
	       const struct finding_run *run)
{
	struct finding_run told = *run;
	int error = core_boot(core, host, config);

	if (error)
		return error;
	told.seed = host->seed;
	told.core = core->name;
	told.version = core->version();
	finding_set_run(&told);
	return invariants_init(core, config);
}
