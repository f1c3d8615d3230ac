/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * formats.h - every format that the reference core has, each beside the architecture that it has to agree with.
 */
#ifndef TESTS_UNIT_REFERENCE_FORMATS_H
#define TESTS_UNIT_REFERENCE_FORMATS_H

#include "arch_walk.h"
#include "pt/tree.h"

struct format_case {
	const char *name;
	struct arch_tables tables; /* all but the root */
	struct pt_format format;
	bool tracks_by_permissions; /* a leaf that was not accessed shows no permissions */
};

#define FORMAT_CASES 14

void format_cases(struct format_case cases[FORMAT_CASES]);

static inline uint64_t root_address(const struct pt_tree *tree)
{
	return (uint64_t)tree->root->pfn << MMU_PAGE_SHIFT;
}

#endif
