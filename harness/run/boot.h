/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot.h - what every program that runs a core does once: the host, the core, and where its complaints go.
 */
#ifndef HARNESS_RUN_BOOT_H
#define HARNESS_RUN_BOOT_H

#include "harness/finding/finding.h"
#include "mmu_core/core.h"

/* Makes the calling thread CPU 0 and brings the core up; 0 or -errno.  Once a process. */
int core_boot(const struct mmu_core_ops *core, const struct host_config *host, const struct mmu_core_config *config);

/*
 * The same, and findings may be made: they say how @run is repeated (what it says of the core and the seed is filled in
 * here), and what an empty VM costs is known to the invariants.
 */
int core_start(const struct mmu_core_ops *core, const struct host_config *host, const struct mmu_core_config *config,
	       const struct finding_run *run);

#endif
