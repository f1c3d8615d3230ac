// SPDX-License-Identifier: GPL-2.0-only
/* shadow.c - what ASan knows of memory, kept aside and brought back; nothing without ASan. */
#include <stdlib.h>

#include "fibre.h"

#ifdef HOST_ASAN
#include <sanitizer/asan_interface.h>

static uint8_t *shadow_of(const void *address, size_t *scale)
{
	size_t offset;

	__asan_get_shadow_mapping(scale, &offset);
	return (uint8_t *)(((uintptr_t)address >> *scale) + offset);
}

void *shadow_copy(const void *start, size_t bytes)
{
	size_t scale;
	const uint8_t *shadow = shadow_of(start, &scale);
	void *copy = malloc((bytes >> scale) + 1);

	HOST_ASSERT(copy);
	copy_unseen(copy, shadow, bytes >> scale);
	return copy;
}

void shadow_restore(const void *start, size_t bytes, const void *copy)
{
	size_t scale;
	uint8_t *shadow = shadow_of(start, &scale);

	copy_unseen(shadow, copy, bytes >> scale);
}

void shadow_clear(const void *start, size_t bytes)
{
	ASAN_UNPOISON_MEMORY_REGION(start, bytes);
}
#else
void *shadow_copy(const void *start, size_t bytes)
{
	(void)start;
	(void)bytes;
	return NULL;
}

void shadow_restore(const void *start, size_t bytes, const void *copy)
{
	(void)start;
	(void)bytes;
	(void)copy;
}

void shadow_clear(const void *start, size_t bytes)
{
	(void)start;
	(void)bytes;
}
#endif
