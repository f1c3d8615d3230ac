// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - the knobs of the host.
 *
 * Locking: none; each knob is a word of its own.  CPUs notice a new generation and start their random streams anew.
 */
#include "internal.h"

struct host_config host_settings;
uint32_t host_settings_generation = 1;

void host_configure(const struct host_config *config)
{
	relaxed_store(&host_settings.seed, config->seed);
	relaxed_store(&host_settings.preempt_ppm, config->preempt_ppm);
	relaxed_store(&host_settings.alloc_fail_ppm, config->alloc_fail_ppm);
	relaxed_store(&host_settings.resched_ppm, config->resched_ppm);
	relaxed_store(&host_settings.rcu_delay_us_max, config->rcu_delay_us_max);
	__atomic_add_fetch(&host_settings_generation, 1, __ATOMIC_RELEASE);
	points_arm(config->preempt_ppm != 0);
}

const struct host_config *host_configuration(void)
{
	return &host_settings;
}
