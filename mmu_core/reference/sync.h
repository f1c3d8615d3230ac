/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sync.h - the marked accesses of the reference core: each is an atomic and a scheduling point (host.h).
 *
 * Relaxed unless the name says otherwise; exchanges are sequentially consistent.  What is not read or written through
 * these is protected by a lock, or not shared yet.
 */
#ifndef MMU_REFERENCE_SYNC_H
#define MMU_REFERENCE_SYNC_H

#include "mmu_core/host.h"

#define sync_load(pointer)                                  \
	({                                                  \
		host_point(HOST_POINT_LOAD, (pointer));     \
		__atomic_load_n(pointer, __ATOMIC_RELAXED); \
	})

#define sync_load_acquire(pointer)                          \
	({                                                  \
		host_point(HOST_POINT_LOAD, (pointer));     \
		__atomic_load_n(pointer, __ATOMIC_ACQUIRE); \
	})

#define sync_store(pointer, value)                                    \
	({                                                            \
		host_point(HOST_POINT_STORE, (pointer));              \
		__atomic_store_n(pointer, (value), __ATOMIC_RELAXED); \
	})

#define sync_store_release(pointer, value)                            \
	({                                                            \
		host_point(HOST_POINT_STORE, (pointer));              \
		__atomic_store_n(pointer, (value), __ATOMIC_RELEASE); \
	})

#define sync_exchange(pointer, value)                                    \
	({                                                               \
		host_point(HOST_POINT_ATOMIC, (pointer));                \
		__atomic_exchange_n(pointer, (value), __ATOMIC_SEQ_CST); \
	})

/* False: *@expected has become what was there. */
#define sync_replace(pointer, expected, value)                                                                      \
	({                                                                                                          \
		host_point(HOST_POINT_ATOMIC, (pointer));                                                           \
		__atomic_compare_exchange_n(pointer, expected, (value), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	})

/* All three return the new value. */
#define sync_add(pointer, value)                                        \
	({                                                              \
		host_point(HOST_POINT_ATOMIC, (pointer));               \
		__atomic_add_fetch(pointer, (value), __ATOMIC_SEQ_CST); \
	})

#define sync_or(pointer, value)                                        \
	({                                                             \
		host_point(HOST_POINT_ATOMIC, (pointer));              \
		__atomic_or_fetch(pointer, (value), __ATOMIC_SEQ_CST); \
	})

#define sync_and(pointer, value)                                        \
	({                                                              \
		host_point(HOST_POINT_ATOMIC, (pointer));               \
		__atomic_and_fetch(pointer, (value), __ATOMIC_SEQ_CST); \
	})

#endif
