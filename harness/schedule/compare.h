/* SPDX-License-Identifier: GPL-2.0-only */
/* compare.h - are two runs the same, and if not, from where on? */
#ifndef HARNESS_SCHEDULE_COMPARE_H
#define HARNESS_SCHEDULE_COMPARE_H

#include "harness/schedule/schedule.h"

const char *schedule_kind_name(uint8_t kind); /* enum host_point_kind */

/* False: @text says at which point they differ first, and what each did there. */
bool schedule_same(const struct schedule_record *first, const struct schedule_record *again, char *text, size_t room);

#endif
