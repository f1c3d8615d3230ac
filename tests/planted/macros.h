/* SPDX-License-Identifier: GPL-2.0-only */
/* macros.h - for Coccinelle only: what it cannot parse without knowing, in the files that the bugs are planted in. */
#define __always_inline
#define __must_check
#define noinline
#define __ro_after_init
#define __read_mostly
