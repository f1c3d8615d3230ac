// SPDX-License-Identifier: GPL-2.0-only
/*
 * scenario.h - the rows of scenarios.def and roles.def.
 */
#ifndef STRESS_SCENARIO_H
#define STRESS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role {
#define ROLE(name, side, summary) ROLE_##name,
#include "stress/roles.def"
#undef ROLE
	ROLES_COUNT,
};

enum role_side {
	ROLE_SIDE_VCPU,
	ROLE_SIDE_HOST,
};

struct role_row {
	const char *name;
	enum role_side side;
	const char *summary;
};

extern const struct role_row role_rows[ROLES_COUNT];

enum scenario_vm_types {
	SCENARIO_VM_DEFAULT = 1 << 0,
	SCENARIO_VM_PROTECTED = 1 << 1,
	SCENARIO_VM_BOTH = SCENARIO_VM_DEFAULT | SCENARIO_VM_PROTECTED,
};

struct scenario {
	const char *name;
	enum scenario_vm_types vm_types;
	unsigned int threads; /* without --threads */
	uint8_t reads, writes, fetches; /* of a guest, in percent */
	uint32_t roles; /* bit set of enum role, faulter included */
	const char *summary;
};

/* In the order of scenarios.def; --scenario's choice is an index into it. */
extern const struct scenario scenarios[];
extern const size_t nr_scenarios;

#endif
