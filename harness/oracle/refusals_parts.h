/* SPDX-License-Identifier: GPL-2.0-only */
/* refusals_parts.h - the conditions of refusals.def, declared for the files that define them. */
#ifndef HARNESS_ORACLE_REFUSALS_PARTS_H
#define HARNESS_ORACLE_REFUSALS_PARTS_H

#include "harness/oracle/refusals.h"

#define REFUSAL(operations, errnos, condition, statement, source) \
	bool refusal_##condition(const struct refusal *refusal);
#define MAY(operations, number, condition, statement) bool refusal_##condition(const struct refusal *refusal);
#include "harness/refusals.def"
#undef REFUSAL
#undef MAY

#endif
