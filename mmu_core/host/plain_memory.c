// SPDX-License-Identifier: GPL-2.0-only
/*
 * plain_memory.c - memory for objects is malloc()'s, and there are no snapshots: with threads, which could not be
 * brought back; and where TSan watches, which knows what malloc() orders and could not be brought back, either.
 */
#include <stdlib.h>

#include "internal.h"
#include "mmu_core/schedule.h"

int memory_init(void)
{
	return 0;
}

void *memory_get(size_t align, size_t bytes)
{
	void *block;

	return posix_memalign(&block, align, bytes) ? NULL : block;
}

void memory_put(void *block)
{
	free(block);
}

bool memory_write_fault(uintptr_t address)
{
	(void)address;
	return false;
}

void arena_contents_go(mmu_pfn_t pfn, unsigned int order)
{
	(void)pfn;
	(void)order;
}

struct host_snapshot *host_snapshot_take(void)
{
	return NULL;
}

void host_snapshot_restore(const struct host_snapshot *snapshot)
{
	HOST_ASSERT(!snapshot);
}

void host_snapshot_free(struct host_snapshot *snapshot)
{
	HOST_ASSERT(!snapshot);
}
