/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * runtime-const.h - modelled: constants that the kernel patches into its code when it boots are read from memory, since
 * nobody patches this code.  Unpatched, access_ok() would take addresses that no process can have.
 */
#ifndef MMUTORTURE_ASM_RUNTIME_CONST_H
#define MMUTORTURE_ASM_RUNTIME_CONST_H

#include <asm-generic/runtime-const.h>

#endif
