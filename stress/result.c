// SPDX-License-Identifier: GPL-2.0-only
/*
 * result.c - a run as JSON, for machines that collect runs.
 *
 * The seed is a string as well as a number, because JSON numbers are doubles to many readers.
 */
#include "stress/driver.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "harness/finding/finding.h"
#include "harness/finding/json_file.h"

static struct cJSON *describe(const struct stress *stress)
{
	struct cJSON *result = cJSON_CreateObject();
	struct cJSON *steps;
	char seed[32];

	snprintf(seed, sizeof(seed), "%" PRIu64, stress->seed);
	cJSON_AddRawToObject(result, "seed", seed);
	cJSON_AddStringToObject(result, "seed_text", seed);
	cJSON_AddStringToObject(result, "core", stress->core->name);
	cJSON_AddStringToObject(result, "kernel", stress->core->version());
	if (stress->has_program)
		cJSON_AddStringToObject(result, "program", stress->options->program);
	else
		cJSON_AddStringToObject(result, "scenario", stress->scenario->name);
	cJSON_AddNumberToObject(result, "cpus", stress->nr_workers);
	cJSON_AddNumberToObject(result, "vcpus", stress->nr_vcpus);
	cJSON_AddNumberToObject(result, "seconds", (double)(stress->end_ns - stress->begin_ns) / 1e9);
	cJSON_AddNumberToObject(result, "accesses", (double)stress_accesses(stress));
	cJSON_AddNumberToObject(result, "faults", (double)stress_faults(stress));
	cJSON_AddNumberToObject(result, "zaps", (double)workers_zaps(stress));
	cJSON_AddNumberToObject(result, "vms", (double)stress->totals.vms);
	cJSON_AddNumberToObject(result, "audits", (double)stress->totals.audits);
	cJSON_AddNumberToObject(result, "migrations", (double)stress->totals.migrations);
	steps = cJSON_AddObjectToObject(result, "steps");
	for (unsigned int role = 0; role < ROLES_COUNT; role++) {
		if (!stress->has_program && (stress->scenario->roles & (1u << role)))
			cJSON_AddNumberToObject(steps, role_rows[role].name, (double)workers_steps(stress, role));
	}
	cJSON_AddItemToObject(result, "findings", finding_export());
	cJSON_AddItemToObject(result, "invariants", invariant_export());
	return result;
}

int result_write(const struct stress *stress, const char *path)
{
	return json_file_write(path, describe(stress));
}
