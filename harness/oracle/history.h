/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history.h - the last operations on a VM, so that a finding of threads, which may never come again, says what was
 * going on.
 *
 * Locking: none; who reads while an entry is written sees a mixture, and it is for people only.
 */
#ifndef HARNESS_ORACLE_HISTORY_H
#define HARNESS_ORACLE_HISTORY_H

#include "harness/oracle/refusals.h"

void history_begin(struct refusal *refusal);
void history_end(struct refusal *refusal, int result);

/* Those that were under way at @since or later, oldest first, as far as there is room. */
void history_tell(const struct world *world, uint64_t since, char *text, size_t room);

#endif
