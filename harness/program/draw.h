/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * draw.h - random decisions about programs, from a seed of their own.
 *
 * Not host_random(): a fuzzer changes programs before there is a host, and the same seed has to give the same program
 * everywhere.  The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
 */
#ifndef HARNESS_PROGRAM_DRAW_H
#define HARNESS_PROGRAM_DRAW_H

#include <stdbool.h>
#include <stdint.h>

struct draw {
	uint64_t state;
};

static inline uint64_t draw_bits(struct draw *draw)
{
	uint64_t z = draw->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Below @number, which is not 0.  The bias of the remainder is far below what anybody could see. */
static inline uint64_t draw_below(struct draw *draw, uint64_t number)
{
	return draw_bits(draw) % number;
}

static inline bool draw_one_in(struct draw *draw, uint64_t number)
{
	return !draw_below(draw, number);
}

/* 1 half of the time, 2 a quarter of it, ... at most @most. */
static inline uint64_t draw_few(struct draw *draw, uint64_t most)
{
	uint64_t few = 1 + (uint64_t)__builtin_ctzll(draw_bits(draw) | 1ull << 63);

	return few < most ? few : most;
}

#endif
