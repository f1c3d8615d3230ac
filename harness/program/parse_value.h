/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parse_value.h - the value of an argument, by the form of its operand.  False: an error was set.
 */
#ifndef HARNESS_PROGRAM_PARSE_VALUE_H
#define HARNESS_PROGRAM_PARSE_VALUE_H

#include "harness/program/scan.h"

bool parse_value(struct scanner *scanner, enum operand operand, struct word word, uint64_t *value);
bool parse_choice(struct scanner *scanner, const char *choices, struct word word, uint64_t *value);

#endif
