/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * static_call_types.h - static calls as pointer calls that skip a NULL target.
 *
 * modelled: the kernel patches call sites, and turns a call of a NULL static call into a nop on x86.  Text cannot be
 * patched here, so the target is loaded each time; a NULL one calls a function that returns 0.
 */
#ifndef MMUTORTURE_STATIC_CALL_TYPES_H
#define MMUTORTURE_STATIC_CALL_TYPES_H

#include_next <linux/static_call_types.h>

long shim_static_call_nop(void);

#undef static_call
#define static_call(name)                                                                                       \
	({                                                                                                      \
		void *shim_target = STATIC_CALL_KEY(name).func;                                                 \
		(typeof(STATIC_CALL_TRAMP(name)) *)(shim_target ?: (void *)shim_static_call_nop);               \
	})
#define static_call_mod(name) static_call(name)

#endif
