// SPDX-License-Identifier: GPL-2.0-only
/*
 * progress.c - what a run says on standard output: its seed first, one line that lives, and a summary.
 *
 * On a terminal the line is written over itself; elsewhere a new line comes every few seconds, so that logs stay short.
 */
#include "stress/driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/finding/finding.h"

#define LINE_EVERY_TTY_NS 250000000ULL
#define LINE_EVERY_LOG_NS 5000000000ULL

static const char *const dirty_names[STRESS_DIRTY_KINDS] = {
	[STRESS_DIRTY_ANY] = "any",         [STRESS_DIRTY_BITMAP] = "bitmap", [STRESS_DIRTY_MANUAL] = "manual",
	[STRESS_DIRTY_INITSET] = "initset", [STRESS_DIRTY_RING] = "ring",
};

void progress_header(const struct stress *stress)
{
	const struct mmu_core_config *config = &stress->core_config;

	printf("core %s (%s), scenario %s, %u CPUs (%u of them vCPUs)\n", stress->core->name, stress->core->version(),
	       stress->has_program ? stress->options->program : stress->scenario->name, stress->nr_workers,
	       stress->nr_vcpus);
	printf("%s, %u levels, A/D bits %s, PML %s, eager split %s, dirty logging %s\n",
	       config->paging == MMU_PAGING_EPT ? "EPT" : "NPT", config->root_level,
	       config->accessed_dirty ? "on" : "off", config->pml ? "on" : "off", config->eager_split ? "on" : "off",
	       dirty_names[stress->options->dirty]);
	fflush(stdout);
}

/* 1234567 as "1.2M". */
static const char *compact(uint64_t number, char text[16])
{
	if (number >= 10000000)
		snprintf(text, 16, "%" PRIu64 "M", number / 1000000);
	else if (number >= 1000000)
		snprintf(text, 16, "%.1fM", (double)number / 1e6);
	else if (number >= 10000)
		snprintf(text, 16, "%" PRIu64 "k", number / 1000);
	else
		snprintf(text, 16, "%" PRIu64, number);
	return text;
}

void progress_line(const struct stress *stress, bool last)
{
	static _Atomic uint64_t shown_ns, shown_faults, shown_zaps; /* last words come from any thread */
	bool tty = isatty(STDOUT_FILENO);
	uint64_t now = host_time_ns();
	uint64_t faults = stress_faults(stress), zaps = workers_zaps(stress);
	double seconds = (double)(now - shown_ns) / 1e9;
	char text[5][16];

	if (!last && now - shown_ns < (tty ? LINE_EVERY_TTY_NS : LINE_EVERY_LOG_NS))
		return;
	if (!shown_ns)
		seconds = (double)(now - stress->begin_ns) / 1e9;
	printf("%s%4" PRIu64 " s  faults/s %-6s zaps/s %-6s ops %-6s audits %-6s VMs %-6s findings %" PRIu64 "%s",
	       tty ? "\r" : "", (now - stress->begin_ns) / 1000000000,
	       compact((uint64_t)((double)(faults - shown_faults) / seconds), text[0]),
	       compact((uint64_t)((double)(zaps - shown_zaps) / seconds), text[1]),
	       compact(workers_ops(stress), text[2]), compact(stress->totals.audits, text[3]),
	       compact(stress->totals.vms, text[4]), finding_count(),
	       tty && !last ? "\033[K"
	       : tty        ? "\033[K\n"
			    : "\n");
	fflush(stdout);
	shown_ns = now;
	shown_faults = faults;
	shown_zaps = zaps;
}

static bool print_finding(void *context, const struct finding *finding)
{
	const bool *known = context;

	if (*known == !!finding->known)
		printf("  %-14s %-40s %" PRIu64 " times, first after %.1f s\n", finding_class_name(finding->class),
		       finding->id, finding->count, (double)finding->first_ns / 1e9);
	return true;
}

void progress_summary(const struct stress *stress)
{
	double seconds = (double)(stress->end_ns - stress->begin_ns) / 1e9;
	uint64_t faults = stress_faults(stress), zaps = workers_zaps(stress);

	printf("\n%.1f s: %" PRIu64 " guest accesses, %" PRIu64 " faults (%.0f/s), %" PRIu64 " zaps (%.0f/s), %" PRIu64
	       " VMs, %" PRIu64 " audits, %" PRIu64 " migrations compared\n",
	       seconds, stress_accesses(stress), faults, (double)faults / seconds, zaps, (double)zaps / seconds,
	       stress->totals.vms, stress->totals.audits, stress->totals.migrations);
	if (stress->prefaults_kicked)
		printf("pre-faults that had to be kicked: %" PRIu64 "\n", stress->prefaults_kicked);
	if (stress->has_program)
		printf("operations: %" PRIu64, workers_ops(stress));
	else
		printf("steps:");
	for (unsigned int role = 0; role < ROLES_COUNT; role++) {
		if (!stress->has_program && (stress->scenario->roles & (1u << role)))
			printf("  %s %" PRIu64, role_rows[role].name, workers_steps(stress, role));
	}
	printf("\n");
	if (finding_any_known()) {
		printf("known findings (docs/FINDINGS.md):\n");
		finding_for_each(print_finding, &(bool){ true });
	}
	if (finding_any()) {
		printf("findings:\n");
		finding_for_each(print_finding, &(bool){ false });
	} else {
		printf("no findings\n");
	}
}
