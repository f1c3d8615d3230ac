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

static inline bool core_has(const struct refusal *refusal, enum mmu_feature feature)
{
	return refusal->world->core->features & feature;
}

static inline bool has_private_memory(const struct refusal *refusal)
{
	return refusal->world->vm_config.type == MMU_VM_SW_PROTECTED;
}

static inline bool is_unaligned(uint64_t bytes)
{
	return bytes & (MMU_PAGE_SIZE - 1);
}

#endif
