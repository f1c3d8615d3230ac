/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core_fixture.h - what tests of a whole core begin with: the first core that is built in, up and running.
 *
 * One core a process.
 */
#ifndef TESTS_CORE_CORE_FIXTURE_H
#define TESTS_CORE_CORE_FIXTURE_H

#include "harness/run/boot.h"
#include "mmu_core/host.h"

/* EPT, four levels, huge pages: for tests that have no wishes of their own. */
extern const struct mmu_core_config common_machine;

/* @error, 0 or -errno: ends the process with exit code 3 and says @what failed. */
void must(int error, const char *what);

/* The same of what makes a VM, except that the core may have none of that type: false. */
bool is_supported(int error, const char *what);

/* The core, started; @scenario is what findings say of the run. */
const struct mmu_core_ops *fixture_core(const struct host_config *host, const struct mmu_core_config *config,
					const char *scenario);

/* An older kernel has neither private memory nor a choice of how slots are zapped. */
bool core_has_vms_of(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		     const struct mmu_vm_config *vm_config);

#endif
