/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * known.h - is this finding one of known.def?
 *
 * Context: any, signal handlers included: files are read with system calls only, into the caller's memory.
 */
#ifndef HARNESS_FINDING_KNOWN_H
#define HARNESS_FINDING_KNOWN_H

#include "harness/finding/finding.h"

/* What world_dirty_place() says of a page. */
#define FACT_INITIALLY_SET_DROPPED "the log was set initially, and the VM has been told since that logs are not"
#define FACT_RING_INITIALLY_SET "the log is a ring, and logs are set initially"
#define FACT_FRAME_IN_WORD "the first page of a huge frame, inside of a word of a log that is set initially"

/* Line of the tree's source that @id ("path:line") names, without indentation; false: there is none to be read. */
bool known_source_line(const char *id, char *line, size_t room);

/* Why it is no news; NULL: it is. */
const char *known_reason(enum finding_class class, const char *id, const char *source_line);

/* Whether file @path of the tree has @text in one of its lines. */
bool known_source_has(const char *path, const char *text);

/* A breach of an invariant by @core whose facts, and the core's source, say that it is no news; NULL: it is. */
struct known_breach {
	enum invariant_id id;
	const char
		*name; /* what is put behind the invariant's id, since other breaches of it are findings of their own */
	const char *facts, *path, *text, *reason;
};
const struct known_breach *known_breach_of(const char *core, enum invariant_id id, const char *facts);

#endif
