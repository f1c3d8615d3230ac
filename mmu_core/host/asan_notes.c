// SPDX-License-Identifier: GPL-2.0-only
/* asan_notes.c - see asan_notes.h. */
#include "asan_notes.h"

#include <stdlib.h>
#include <sys/mman.h>

#define KEYS (1UL << 32)

static void add(struct asan_list *list, uint32_t key)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 1024;
		list->key = realloc(list->key, list->room * sizeof(*list->key));
		HOST_ASSERT(list->key);
	}
	list->key[list->count++] = key;
}

void asan_note(struct asan_notes *notes, uint32_t key)
{
	uint64_t bit = 1UL << key % 64;

	if (!notes->is_noted)
		return;
	add(&notes->in_life, key);
	if (notes->is_noted[key / 64] & bit)
		return;
	notes->is_noted[key / 64] |= bit;
	add(&notes->ever, key);
}

void asan_notes_tell(struct asan_notes *notes, bool same, void (*tell)(uint32_t key))
{
	const struct asan_list *list = same ? &notes->in_life : &notes->ever;

	if (!notes->is_noted) {
		notes->is_noted = mmap(NULL, KEYS / 8, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		HOST_ASSERT(notes->is_noted != MAP_FAILED);
	}
	for (size_t i = 0; i < list->count; i++)
		tell(list->key[i]);
	notes->in_life.count = 0;
}
