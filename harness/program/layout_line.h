/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout_line.h - one line of a layout: what it asks for, each value in its domain, and where each stood.
 */
#ifndef HARNESS_PROGRAM_LAYOUT_LINE_H
#define HARNESS_PROGRAM_LAYOUT_LINE_H

#include "harness/program/layout_parts.h"
#include "harness/program/scan.h"

#define LAYOUT_IDS 32764 /* KVM_USER_MEM_SLOTS */
#define LAYOUT_GPA_END ((uint64_t)1 << 46) /* as many bits as a program's machine has unless it says otherwise */
#define LAYOUT_MEMORY_END ((uint64_t)1 << 47) /* of host addresses, and of offsets in named memory */
#define LAYOUT_NAMES_MAX 256

enum key {
	KEY_as,
	KEY_id,
	KEY_gpa,
	KEY_size,
	KEY_flags,
	KEY_private,
	KEY_hva,
	KEY_mem,
	KEY_count,
	KEY_stride,
	KEY_last,
	KEY_times,
	KEYS,
};

#define BIT(key) (1u << KEY_##key)

enum verb {
	VERB_slot = LAYOUT_SLOT,
	VERB_delete = LAYOUT_DELETE,
	VERB_flags = LAYOUT_FLAGS,
	VERB_move = LAYOUT_MOVE,
	VERB_attr = LAYOUT_ATTR,
	VERB_fill,
	VERB_repeat,
	VERBS,
};

/* One line. */
struct request {
	enum verb verb;
	unsigned int given; /* keys */
	uint32_t line;
	uint64_t value[KEYS];
	struct layout_place place;
};

struct layout_reader {
	struct scanner scanner;
	struct word name[LAYOUT_NAMES_MAX]; /* of memory, in the order in which they came */
	uint32_t nr_names;
	struct word verb, word[KEYS]; /* of the running line; the verb for keys that it has not */
};

/* The running line of @reader->scanner.  False: an error was set. */
bool layout_line(struct layout_reader *reader, struct request *request);

#endif
