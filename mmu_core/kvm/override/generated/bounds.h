/* SPDX-License-Identifier: GPL-2.0-only */
/* bounds.h - real, but for the size of a spinlock, which lock checking makes larger than the plain .config says. */
#include_next <generated/bounds.h>
#undef SPINLOCK_SIZE
#define SPINLOCK_SIZE 64
