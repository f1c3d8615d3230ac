/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * atomic.h - real: atomic_t and atomic64_t as compiler builtins, which sanitizers can see.  Only the operations that
 * the kernel's own fallback header cannot derive are here; each is fully ordered, as on x86.
 */
#ifndef MMUTORTURE_ASM_ATOMIC_H
#define MMUTORTURE_ASM_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/rmwcc.h>
#include <asm/barrier.h>

#include "shim_point.h"

#define ATOMIC64_INIT(value) { (value) }

#define SHIM_ATOMIC_FETCH(type, value, name, builtin)                                                    \
	static __always_inline value arch_##type##_fetch_##name(value i, type##_t *v)                    \
	{                                                                                                \
		shim_point(SHIM_POINT_ATOMIC, v);                                                        \
		return builtin(&v->counter, i, __ATOMIC_SEQ_CST);                                        \
	}                                                                                                \
	static __always_inline void arch_##type##_##name(value i, type##_t *v)                           \
	{                                                                                                \
		shim_point(SHIM_POINT_ATOMIC, v);                                                        \
		builtin(&v->counter, i, __ATOMIC_SEQ_CST);                                               \
	}

#define SHIM_ATOMIC(type, value)                                                                         \
	static __always_inline value arch_##type##_read(const type##_t *v)                               \
	{                                                                                                \
		return READ_ONCE(v->counter);                                                            \
	}                                                                                                \
	static __always_inline void arch_##type##_set(type##_t *v, value i)                              \
	{                                                                                                \
		WRITE_ONCE(v->counter, i);                                                               \
	}                                                                                                \
	SHIM_ATOMIC_FETCH(type, value, add, __atomic_fetch_add)                                          \
	SHIM_ATOMIC_FETCH(type, value, sub, __atomic_fetch_sub)                                          \
	SHIM_ATOMIC_FETCH(type, value, and, __atomic_fetch_and)                                          \
	SHIM_ATOMIC_FETCH(type, value, or, __atomic_fetch_or)                                            \
	SHIM_ATOMIC_FETCH(type, value, xor, __atomic_fetch_xor)                                          \
	static __always_inline value arch_##type##_add_return(value i, type##_t *v)                      \
	{                                                                                                \
		return arch_##type##_fetch_add(i, v) + i;                                                \
	}                                                                                                \
	static __always_inline value arch_##type##_sub_return(value i, type##_t *v)                      \
	{                                                                                                \
		return arch_##type##_fetch_sub(i, v) - i;                                                \
	}                                                                                                \
	static __always_inline value arch_##type##_xchg(type##_t *v, value new)                          \
	{                                                                                                \
		return arch_xchg(&v->counter, new);                                                      \
	}                                                                                                \
	static __always_inline value arch_##type##_cmpxchg(type##_t *v, value old, value new)            \
	{                                                                                                \
		return arch_cmpxchg(&v->counter, old, new);                                              \
	}                                                                                                \
	static __always_inline bool arch_##type##_try_cmpxchg(type##_t *v, value *old, value new)        \
	{                                                                                                \
		return arch_try_cmpxchg(&v->counter, old, new);                                          \
	}

SHIM_ATOMIC(atomic, int)
SHIM_ATOMIC(atomic64, s64)

#define arch_atomic_fetch_add arch_atomic_fetch_add
#define arch_atomic_fetch_sub arch_atomic_fetch_sub
#define arch_atomic_fetch_and arch_atomic_fetch_and
#define arch_atomic_fetch_or arch_atomic_fetch_or
#define arch_atomic_fetch_xor arch_atomic_fetch_xor
#define arch_atomic_add_return arch_atomic_add_return
#define arch_atomic_sub_return arch_atomic_sub_return
#define arch_atomic_xchg arch_atomic_xchg
#define arch_atomic_cmpxchg arch_atomic_cmpxchg
#define arch_atomic_try_cmpxchg arch_atomic_try_cmpxchg
#define arch_atomic64_fetch_add arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and arch_atomic64_fetch_and
#define arch_atomic64_fetch_or arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor arch_atomic64_fetch_xor
#define arch_atomic64_add_return arch_atomic64_add_return
#define arch_atomic64_sub_return arch_atomic64_sub_return
#define arch_atomic64_xchg arch_atomic64_xchg
#define arch_atomic64_cmpxchg arch_atomic64_cmpxchg
#define arch_atomic64_try_cmpxchg arch_atomic64_try_cmpxchg

#endif
