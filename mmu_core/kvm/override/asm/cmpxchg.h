/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmpxchg.h - real: exchanges as compiler builtins, which sanitizers can see and inline assembly hides from them.  A
 * scheduling point comes before each.  The 128-bit and CPU-local forms stay the kernel's.
 */
#ifndef MMUTORTURE_ASM_CMPXCHG_H
#define MMUTORTURE_ASM_CMPXCHG_H

#include_next <asm/cmpxchg.h>
#include "shim_point.h"

#undef arch_xchg
#undef arch_cmpxchg
#undef arch_try_cmpxchg
#undef arch_cmpxchg64
#undef arch_try_cmpxchg64
#undef arch_cmpxchg64_relaxed
#undef xadd

#define arch_xchg(pointer, new)                                                     \
	({                                                                          \
		typeof(pointer) shim_p = (pointer);                                 \
		__typeof_unqual__(*shim_p) shim_n = (new), shim_o;                  \
		shim_point(SHIM_POINT_ATOMIC, (const void *)shim_p);                \
		__atomic_exchange(shim_p, &shim_n, &shim_o, __ATOMIC_SEQ_CST);      \
		shim_o;                                                             \
	})

#define arch_cmpxchg(pointer, old, new)                                                                          \
	({                                                                                                       \
		typeof(pointer) shim_p = (pointer);                                                              \
		__typeof_unqual__(*shim_p) shim_o = (__typeof_unqual__(*shim_p))(old);                           \
		shim_point(SHIM_POINT_ATOMIC, (const void *)shim_p);                                             \
		__atomic_compare_exchange_n(shim_p, &shim_o, (__typeof_unqual__(*shim_p))(new), false,           \
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                                 \
		shim_o;                                                                                          \
	})

#define arch_try_cmpxchg(pointer, old_pointer, new)                                                              \
	({                                                                                                       \
		typeof(pointer) shim_p = (pointer);                                                              \
		shim_point(SHIM_POINT_ATOMIC, (const void *)shim_p);                                             \
		__atomic_compare_exchange_n(shim_p, (__typeof_unqual__(*shim_p) *)(old_pointer),                 \
					    (__typeof_unqual__(*shim_p))(new), false, __ATOMIC_SEQ_CST,          \
					    __ATOMIC_SEQ_CST);                                                   \
	})

#define arch_cmpxchg64(pointer, old, new) arch_cmpxchg(pointer, old, new)
#define arch_try_cmpxchg64(pointer, old_pointer, new) arch_try_cmpxchg(pointer, old_pointer, new)

#define xadd(pointer, increment)                                                            \
	({                                                                                  \
		typeof(pointer) shim_p = (pointer);                                         \
		shim_point(SHIM_POINT_ATOMIC, (const void *)shim_p);                        \
		__atomic_fetch_add(shim_p, (increment), __ATOMIC_SEQ_CST);                  \
	})

#endif
