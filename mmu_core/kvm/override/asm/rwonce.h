/* SPDX-License-Identifier: GPL-2.0-only */
/* rwonce.h - real, with a scheduling point before each marked access. */
#ifndef MMUTORTURE_ASM_RWONCE_H
#define MMUTORTURE_ASM_RWONCE_H

#include "shim_point.h"

#define __READ_ONCE(x) \
	(*(const volatile __unqual_scalar_typeof(x) *)(shim_point(SHIM_POINT_LOAD, (const void *)&(x)), &(x)))
#include <asm-generic/rwonce.h>

#undef __WRITE_ONCE
#define __WRITE_ONCE(x, val)                                            \
	do {                                                            \
		shim_point(SHIM_POINT_STORE, (const void *)&(x));       \
		*(volatile typeof(x) *)&(x) = (val);                    \
	} while (0)

#endif
