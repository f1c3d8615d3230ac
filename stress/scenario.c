// SPDX-License-Identifier: GPL-2.0-only
/*
 * scenario.c - the rows of scenarios.def and roles.def as tables.
 */
#include "stress/scenario.h"

const struct role_row role_rows[ROLES_COUNT] = {
#define ROLE(name, side, summary) [ROLE_##name] = { #name, ROLE_SIDE_##side, summary },
#include "stress/roles.def"
#undef ROLE
};

#define R(name) 1u << ROLE_##name
#define ACCESSES(read_percent, write_percent, fetch_percent) \
	.reads = read_percent, .writes = write_percent, .fetches = fetch_percent

const struct scenario scenarios[] = {
#define SCENARIO(id, types, cpus, guest, role_bits, text) \
	{ .name = #id,                                    \
	  .vm_types = SCENARIO_VM_##types,                \
	  .threads = cpus,                                \
	  guest,                                          \
	  .roles = R(faulter) | role_bits,                \
	  .summary = text },
#include "stress/scenarios.def"
#undef SCENARIO
};

const size_t nr_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);
