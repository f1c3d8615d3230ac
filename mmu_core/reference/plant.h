/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plant.h - planted(M_n): has the core been told to have bug n of plants.def?
 */
#ifndef MMU_REFERENCE_PLANT_H
#define MMU_REFERENCE_PLANT_H

#include <stdbool.h>

enum reference_plant {
	M_0, /* none */
#define PLANT(id, scenario, options, what) M_##id,
#include "plants.def"
#undef PLANT
};

#if REFERENCE_HAS_PLANTS
extern enum reference_plant reference_plant; /* set before any VM is made */

static inline bool planted(enum reference_plant plant)
{
	return __builtin_expect(reference_plant == plant, false);
}
#else
static inline bool planted(enum reference_plant plant)
{
	(void)plant;
	return false;
}
#endif

#endif
