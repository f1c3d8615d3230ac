/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * known.h - is this finding one of known.def?
 *
 * Context: any, signal handlers included: files are read with system calls only, into the caller's memory.
 */
#ifndef HARNESS_FINDING_KNOWN_H
#define HARNESS_FINDING_KNOWN_H

#include "harness/finding/finding.h"

/* Line of the tree's source that @id ("path:line") names, without indentation; false: there is none to be read. */
bool known_source_line(const char *id, char *line, size_t room);

/* Why it is no news; NULL: it is. */
const char *known_reason(enum finding_class class, const char *id, const char *source_line);

#endif
