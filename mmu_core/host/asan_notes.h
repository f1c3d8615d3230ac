/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asan_notes.h - what has been poisoned or unpoisoned for ASan since a snapshot: its shadow is no part of that, so
 * whoever told it something says it again when a snapshot has been brought back.
 *
 * Those of the life that ends are enough where the next one begins with the same snapshot; with another one it is all
 * that ever were noted.
 */
#ifndef MMU_CORE_HOST_ASAN_NOTES_H
#define MMU_CORE_HOST_ASAN_NOTES_H

#include "internal.h"

struct asan_list {
	uint32_t *key;
	size_t count, room;
};

struct asan_notes {
	struct asan_list in_life, ever;
	uint64_t *is_noted; /* a bit a key: it is in "ever"; NULL: of snapshots there are none yet */
};

void asan_note(struct asan_notes *notes, uint32_t key);
/* Calls @tell for each key that may have changed since the snapshot, and forgets those of the life that has ended. */
void asan_notes_tell(struct asan_notes *notes, bool same, void (*tell)(uint32_t key));

#endif
