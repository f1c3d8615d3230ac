// SPDX-License-Identifier: GPL-2.0-only
/* random.c - the streams that every random decision of the host comes from. */
#include <math.h>

#include "internal.h"

NO_TSAN uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* By name and number, so that a CPU draws the same stream whatever was started before it. */
uint64_t random_seed(uint64_t seed, const char *name, unsigned int number)
{
	uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */
	uint64_t state;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3ULL;
	state = seed ^ hash ^ ((uint64_t)number << 32);
	return random_next(&state);
}

NO_TSAN uint64_t random_gap(uint64_t *state, uint32_t ppm)
{
	/* Geometric distribution by inversion; (0, 1] keeps the logarithm finite. */
	double uniform = (double)((random_next(state) >> 11) + 1) * 0x1p-53;

	if (!ppm)
		return UINT64_MAX;
	if (ppm >= 1000000)
		return 1;
	return 1 + (uint64_t)(log(uniform) / log1p(-(double)ppm / 1e6));
}
