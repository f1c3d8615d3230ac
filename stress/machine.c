// SPDX-License-Identifier: GPL-2.0-only
/*
 * machine.c - which core, and what the options say of its machine.
 */
#include "stress/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "mmu_core/host.h"

const struct mmu_core_ops *machine_find_core(const char *name, const char *command)
{
	const struct mmu_core_ops *const *core = mmu_cores;

	if (!*core) {
		fprintf(stderr, "%s: no core is built in: configure with -DKVM_SOURCE=<kernel tree>\n", command);
		return NULL;
	}
	if (!name)
		return *core;
	for (; *core; core++) {
		if (!strcmp((*core)->name, name))
			return *core;
	}
	fprintf(stderr, "%s: --core: '%s' is none of ", command, name);
	for (core = mmu_cores; *core; core++)
		fprintf(stderr, "%s%s", (*core)->name, core[1] ? "|" : "\n");
	return NULL;
}

bool machine_plant(const struct mmu_core_ops *core, const char *id, const char *command)
{
	if (!id || (core->plant && !core->plant(id)))
		return true;
	fprintf(stderr, "%s: --plant: core %s has no bug '%s'; 'mmutorture list' names them\n", command, core->name,
		id);
	return false;
}

void machine_config(const struct stress_options *options, struct mmu_core_config *config)
{
	*config = (struct mmu_core_config){
		.paging = (enum mmu_paging)options->paging,
		.accessed_dirty = options->ad == STRESS_ON || options->paging == MMU_PAGING_NPT,
		.root_level = (uint8_t)options->levels,
		.maxphyaddr = (uint8_t)options->maxphyaddr,
		.level_max = (uint8_t)options->level_max,
		.tdp = true,
		.nx_huge_pages = options->nx == STRESS_ON,
		.eager_split = options->eager_split == STRESS_ON,
	};
	config->pml = options->pml == STRESS_ON && options->paging == MMU_PAGING_EPT && config->accessed_dirty;
}

void machine_host_config(const struct stress_options *options, uint64_t seed, struct host_config *host)
{
	*host = (struct host_config){
		.seed = seed,
		.rcu = (enum host_rcu_flavour)options->rcu,
		.preempt_ppm = (uint32_t)options->preempt,
		.alloc_fail_ppm = (uint32_t)options->alloc_fail,
		.resched_ppm = (uint32_t)options->resched,
		.rcu_delay_us_max = (uint32_t)options->rcu_delay,
	};
}

uint64_t machine_new_seed(void)
{
	uint64_t seed;

	HOST_ASSERT(getrandom(&seed, sizeof(seed), 0) == sizeof(seed));
	/* Short enough to be typed. */
	return seed % 1000000000 + 1;
}
