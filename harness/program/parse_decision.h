/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parse_decision.h - what stands behind "schedule" and on the lines below it.  False: an error was set.
 */
#ifndef HARNESS_PROGRAM_PARSE_DECISION_H
#define HARNESS_PROGRAM_PARSE_DECISION_H

#include "harness/program/decisions.h"
#include "harness/program/scan.h"

bool parse_schedule_head(struct scanner *scanner, uint64_t *seed);
bool parse_decision(struct scanner *scanner, struct word word, struct decision *decision);

#endif
