/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * instrumented-atomic.h - real: atomic bit operations as compiler builtins on the 64-bit word that holds the bit, which
 * sanitizers can see.  Fully ordered where the kernel's are; a scheduling point comes before each.
 */
#ifndef MMUTORTURE_INSTRUMENTED_ATOMIC_H
#define MMUTORTURE_INSTRUMENTED_ATOMIC_H

#include "shim_point.h"

static __always_inline unsigned long *shim_bit_word(long nr, volatile unsigned long *address)
{
	unsigned long *word = (unsigned long *)address + (nr >> 6);

	shim_point(SHIM_POINT_ATOMIC, word);
	return word;
}

static __always_inline void set_bit(long nr, volatile unsigned long *address)
{
	__atomic_fetch_or(shim_bit_word(nr, address), 1UL << (nr & 63), __ATOMIC_SEQ_CST);
}

static __always_inline void clear_bit(long nr, volatile unsigned long *address)
{
	__atomic_fetch_and(shim_bit_word(nr, address), ~(1UL << (nr & 63)), __ATOMIC_SEQ_CST);
}

static __always_inline void change_bit(long nr, volatile unsigned long *address)
{
	__atomic_fetch_xor(shim_bit_word(nr, address), 1UL << (nr & 63), __ATOMIC_SEQ_CST);
}

static __always_inline bool test_and_set_bit(long nr, volatile unsigned long *address)
{
	return __atomic_fetch_or(shim_bit_word(nr, address), 1UL << (nr & 63), __ATOMIC_SEQ_CST) >> (nr & 63) & 1;
}

static __always_inline bool test_and_clear_bit(long nr, volatile unsigned long *address)
{
	return __atomic_fetch_and(shim_bit_word(nr, address), ~(1UL << (nr & 63)), __ATOMIC_SEQ_CST) >> (nr & 63) & 1;
}

static __always_inline bool test_and_change_bit(long nr, volatile unsigned long *address)
{
	return __atomic_fetch_xor(shim_bit_word(nr, address), 1UL << (nr & 63), __ATOMIC_SEQ_CST) >> (nr & 63) & 1;
}

#endif
