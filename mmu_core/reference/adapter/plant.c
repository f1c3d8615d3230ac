// SPDX-License-Identifier: GPL-2.0-only
/*
 * plant.c - choosing a planted bug by its name.
 */
#include "plant.h"

#include <errno.h>
#include <string.h>

#include "adapter/adapter.h"

const struct mmu_plant reference_plants[] = {
#if REFERENCE_HAS_PLANTS
#define PLANT(number, scenario, options, what) { "M-" #number, what },
#include "plants.def"
#undef PLANT
#endif
	{ NULL, NULL },
};

#if REFERENCE_HAS_PLANTS
enum reference_plant reference_plant;

int reference_set_plant(const char *id)
{
	for (unsigned int i = 0; reference_plants[i].id; i++) {
		if (!strcmp(reference_plants[i].id, id)) {
			reference_plant = i + 1;
			return 0;
		}
	}
	return -ENOENT;
}
#else
int reference_set_plant(const char *id)
{
	(void)id;
	return -ENOENT;
}
#endif
