/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world_parts.h - what the files of the world ask of each other.
 */
#ifndef HARNESS_WORLD_WORLD_PARTS_H
#define HARNESS_WORLD_WORLD_PARTS_H

#include "harness/world/world.h"

/* All locks of the harness: no rank among the core's, taken where the core may sleep. */
extern const struct host_lock_class world_lock_class;

static inline void world_lock(struct host_lock *lock)
{
	host_lock_acquire(lock, HOST_LOCK_EXCLUSIVE, lock, &world_lock_class);
}

static inline void world_lock_shared(struct host_lock *lock)
{
	host_lock_acquire(lock, HOST_LOCK_SHARED, lock, &world_lock_class);
}

static inline void world_unlock(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_EXCLUSIVE, lock);
}

static inline void world_unlock_shared(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_SHARED, lock);
}

void world_retire(struct world *world, void *memory); /* freed with the world */

struct model_places *places_alloc(uint32_t capacity);

/*
 * The open file with that descriptor, its lock held shared; NULL: none.  gmem_users_end() gives the lock back.  The
 * number of an unknown file must not reach the core: another thread may be about to be given it.
 */
struct model_gmem *gmem_users_begin(struct world *world, int descriptor);
void gmem_users_end(struct model_gmem *gmem);

void gmem_settle(struct world *world);

void prefault_stop_watcher(struct world *world);

/* The settled slot with its dirty_lock held; NULL: none. */
struct model_slot *dirty_lock_slot(struct world *world, unsigned int as_id, unsigned int id);
void dirty_unlock_slot(struct model_slot *slot);

/* With a buffer that is not there, by their raw words. */
int dirty_get_nowhere(struct world_vcpu *vcpu, unsigned int as_id, unsigned int id,
		      const uint64_t words[MMU_UAPI_WORDS]);
int dirty_clear_nowhere(struct world_vcpu *vcpu, unsigned int as_id, unsigned int id,
			const uint64_t words[MMU_UAPI_WORDS]);

/* A harvest from tick @from to tick @at reported a page, and had to write-protect it. */
void dirty_note_report(struct model_dirty *dirty, uint64_t page, uint64_t at);
void dirty_note_protection(struct model_dirty *dirty, uint64_t page, uint64_t from, uint64_t at);

#endif
