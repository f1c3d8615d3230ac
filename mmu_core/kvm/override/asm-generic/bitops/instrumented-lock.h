/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * instrumented-lock.h - real: bits that are locks, as compiler builtins: a folio's lock is one, and what it orders is
 * hidden from sanitizers by the kernel's inline assembly.  The forms that mm/filemap.c alone uses are left out.
 */
#ifndef MMUTORTURE_INSTRUMENTED_LOCK_H
#define MMUTORTURE_INSTRUMENTED_LOCK_H

#include <asm-generic/bitops/instrumented-atomic.h>

static __always_inline void clear_bit_unlock(long nr, volatile unsigned long *address)
{
	__atomic_fetch_and(shim_bit_word(nr, address), ~(1UL << (nr & 63)), __ATOMIC_RELEASE);
}

static __always_inline void __clear_bit_unlock(long nr, volatile unsigned long *address)
{
	clear_bit_unlock(nr, address);
}

static __always_inline bool test_and_set_bit_lock(long nr, volatile unsigned long *address)
{
	return __atomic_fetch_or(shim_bit_word(nr, address), 1UL << (nr & 63), __ATOMIC_ACQUIRE) >> (nr & 63) & 1;
}

#endif
