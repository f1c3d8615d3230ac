/* SPDX-License-Identifier: GPL-2.0-only */
/* text.h - how one finding reads.  Called under the list's lock only. */
#ifndef HARNESS_FINDING_TEXT_H
#define HARNESS_FINDING_TEXT_H

#include "harness/finding/finding.h"

/* Loads what a backtrace needs before the first one is wanted, perhaps in a trap handler. */
void text_prepare(void);

/* @row: INVARIANTS when none belongs to it.  The caller frees the text; NULL: out of memory. */
char *text_make(const struct finding_run *run, enum finding_class class, const char *id, enum invariant_id row,
		const char *facts);

#endif
