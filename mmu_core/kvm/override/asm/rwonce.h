/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rwonce.h - real, with a scheduling point before each marked access.
 *
 * ThreadSanitizer knows neither volatile nor address dependencies: there a marked load is an acquire and a marked store
 * a release, or every pointer that is published and followed would be a false race.
 */
#ifndef MMUTORTURE_ASM_RWONCE_H
#define MMUTORTURE_ASM_RWONCE_H

#include "shim_point.h"

#if __has_feature(thread_sanitizer)
#define __READ_ONCE(x)                                                 \
	({                                                             \
		__typeof_unqual__(x) shim_loaded;                      \
		shim_point(SHIM_POINT_LOAD, (const void *)&(x));       \
		__atomic_load(&(x), &shim_loaded, __ATOMIC_ACQUIRE);   \
		shim_loaded;                                           \
	})
#else
#define __READ_ONCE(x) \
	(*(const volatile __unqual_scalar_typeof(x) *)(shim_point(SHIM_POINT_LOAD, (const void *)&(x)), &(x)))
#endif
#include <asm-generic/rwonce.h>

#undef __WRITE_ONCE
#if __has_feature(thread_sanitizer)
#define __WRITE_ONCE(x, val)                                           \
	do {                                                           \
		__typeof_unqual__(x) shim_stored = (val);              \
		shim_point(SHIM_POINT_STORE, (const void *)&(x));      \
		__atomic_store(&(x), &shim_stored, __ATOMIC_RELEASE);  \
	} while (0)
#else
#define __WRITE_ONCE(x, val)                                           \
	do {                                                           \
		shim_point(SHIM_POINT_STORE, (const void *)&(x));      \
		*(volatile typeof(x) *)&(x) = (val);                   \
	} while (0)
#endif

#endif
