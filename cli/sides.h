/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sides.h - the two machines that a program is compared on, each in a process of its own.
 */
#ifndef CLI_SIDES_H
#define CLI_SIDES_H

#include "harness/compare/compare.h"

struct side {
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	const char *plant; /* a bug that it is to have; NULL: none */
	char name[64];
	int code; /* of exit: what came of it there */
};

struct sides {
	struct side side[2];
	bool other_paging; /* the right one has NPT where the program's machine has EPT, and the other way round */
	uint64_t seed;
	/* A process that takes longer is ended; 0: none is.  Then also nothing is written but what is compared. */
	unsigned int limit_seconds;
};

/* Both to the end of @program, whose machine it is; @comparison becomes what they differ in. */
void sides_compare(struct sides *sides, const struct program *program, struct comparison *comparison);

#endif
