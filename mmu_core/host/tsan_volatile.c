// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsan_volatile.c - what -tsan-distinguish-volatile calls and the runtime does not have: volatile accesses of the
 * kernel's code that go around READ_ONCE() and WRITE_ONCE().
 *
 * A load is an acquire; a store is a release of its address, and counts as a marked access there, so that a plain
 * access of somebody else is still a race.  The hook comes before the access itself, which is not instrumented.
 */
#if __has_feature(thread_sanitizer)
#include <stdint.h>

void __tsan_release(void *address);

#define TSAN_VOLATILE(bytes, type)                                        \
	void __tsan_volatile_read##bytes(void *address);                  \
	void __tsan_volatile_write##bytes(void *address);                 \
	void __tsan_unaligned_volatile_read##bytes(void *address);        \
	void __tsan_unaligned_volatile_write##bytes(void *address);       \
	void __tsan_volatile_read##bytes(void *address)                   \
	{                                                                 \
		(void)__atomic_load_n((type *)address, __ATOMIC_ACQUIRE); \
	}                                                                 \
	void __tsan_volatile_write##bytes(void *address)                  \
	{                                                                 \
		(void)__atomic_load_n((type *)address, __ATOMIC_RELAXED); \
		__tsan_release(address);                                  \
	}                                                                 \
	void __tsan_unaligned_volatile_read##bytes(void *address)         \
	{                                                                 \
		__tsan_volatile_read##bytes(address);                     \
	}                                                                 \
	void __tsan_unaligned_volatile_write##bytes(void *address)        \
	{                                                                 \
		__tsan_volatile_write##bytes(address);                    \
	}

TSAN_VOLATILE(1, uint8_t)
TSAN_VOLATILE(2, uint16_t)
TSAN_VOLATILE(4, uint32_t)
TSAN_VOLATILE(8, uint64_t)
#else
typedef int tsan_volatile_is_empty_without_tsan;
#endif
