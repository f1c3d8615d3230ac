/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - what the completed operations on one VM allow a guest to see: slots, attributes, guest_memfd, dirty log.
 *
 * The op wrappers (world.h) write the model, before and after they call the core; the simulated CPU and the audits read
 * it.  Between the two calls the thing is "changing" and both the old and the new state are lawful.
 * Locking:   writers hold the lock named beside each struct.  Readers take none and read with relaxed atomics and
 *            fences only: an edge of the model's own would hide the core's races from TSan.
 * Clock:     one counter a world, ticked at the begin and at the return of every operation (spec.md 7.0).  Guest
 *            accesses only read it, so that they do not share a written cache line.
 * Source:    spec.md 7.5, 7.6, 7.8.
 */
#ifndef HARNESS_WORLD_MODEL_H
#define HARNESS_WORLD_MODEL_H

#include "mmu_core/core.h"

#define MODEL_IDS_BLOCK 256 /* slots by id, in blocks: ids have 16 bits */
#define MODEL_GMEM_MAX 32 /* open, or closed and still named by a slot */
#define MODEL_WINDOWS_MAX 16
#define MODEL_NO_GMEM (-1)
#define MODEL_LOGGED_PAGES_MAX ((uint64_t)1 << 20) /* of one slot with dirty logging */

enum model_state {
	MODEL_DEAD,
	MODEL_LIVE,
	MODEL_CHANGING, /* an operation runs: @now and @next are both lawful; npages 0 stands for absence */
};

/* What one slot maps.  npages 0: nothing. */
struct model_slot_map {
	gfn_t base;
	uint64_t npages;
	hva_t hva;
	uint32_t flags; /* enum mmu_slot_flags */
	int gmem; /* index in model.gmem, MODEL_NO_GMEM */
	uint64_t gmem_page; /* offset in the file, in pages */
};

/*
 * Dirty log of one page, all in ticks of the clock; 0: never.  Stamps older than model_dirty.enabled_at belong to an
 * earlier life of the log and count for nothing, so the array is never cleared.
 */
struct model_dirty_page {
	uint64_t written; /* clock at the start of the last guest write while the slot was logged */
	uint64_t shown; /* manual protection: return of the GET that showed it, 0 since it was cleared */
	uint64_t reported_at; /* return of the last harvest that reported it */
	uint64_t protected_from; /* begin of the last harvest that had to write-protect it ... */
	uint64_t protected_at; /* ... and its return, stored before protected_from */
};

struct model_dirty {
	uint64_t capacity; /* pages */
	uint64_t enabled_from; /* begin of the operation that had to write-protect the whole slot; 0: none */
	uint64_t enabled_at; /* return of the operation that switched logging on */
	struct model_dirty_page page[];
};

/*
 * One for each id that was ever asked for, until the world ends.
 * Writers: world.slots_lock.  Readers: struct model_as.changes.
 */
struct model_slot {
	enum model_state state;
	uint16_t id;
	struct model_slot *older; /* the next in model_as.slots */
	struct model_slot_map now;
	struct model_slot_map next;
	struct model_dirty *dirty; /* of use while logged; large enough for now and next */
	bool log_initially_set; /* logging was switched on with all bits set, so that nothing was write-protected */
	bool initially_set_dropped; /* and the VM was told since that logs are not */
	bool initially_set_ring; /* and the log is a ring, which has no bits to set */
	struct host_lock dirty_lock; /* one harvest at a time, none while the slot changes */
};

/* Where the slots are that map something (model_slot.now), ascending.  An outgrown array lives as long as the world. */
struct model_places {
	uint32_t capacity;
	uint32_t count;
	struct model_place {
		gfn_t base;
		struct model_slot *slot;
	} place[];
};

struct model_as {
	/* A sequence count: odd while a slot is being rewritten, never odd while the core runs. */
	uint64_t changes;
	struct model_slot *slots; /* all that there are, latest first */
	struct model_slot *changing; /* at most one: world.slots_lock */
	struct model_places *places;
	struct model_slot **by_id[(UINT16_MAX + 1) / MODEL_IDS_BLOCK];
};

/* Any time.  Whoever made a slot's entry is before whoever finds it, and nothing else is. */
#define model_for_each_slot(slot, as)                                                         \
	for (struct model_slot *slot = __atomic_load_n(&(as)->slots, __ATOMIC_ACQUIRE); slot; \
	     slot = MODEL_GET(slot->older))

/* The last completed punch of one page of a file: begin, and return, which is stored before @from. */
struct model_punch {
	uint64_t from;
	uint64_t at;
};

/*
 * Writers: world.gmem_lock.  A DEAD entry is used again only when no slot names it.  A fault may hold the file longer
 * than its close takes, so only once all has stood still is it certain that nothing of it is mapped (@released).
 */
struct model_gmem {
	enum model_state state;
	bool released;
	int descriptor;
	uint64_t id; /* host_page.owner of its pages */
	bool backs_shared; /* made with MMU_GMEM_MMAP: gfns of its slots that are not private are its pages, too */
	uint64_t npages;
	uint64_t capacity; /* of @punched, in pages */
	struct model_punch *punched;
	struct host_lock lock; /* shared: an operation uses the descriptor; exclusive: it is closed */
};

/* What is known of a gfn: a byte each, in chunks that are made when the first of them is private. */
enum model_attribute_bits {
	MODEL_PRIVATE = 1 << 0,
	MODEL_ATTRIBUTE_CHANGING = 1 << 1,
};
#define MODEL_CHUNK_GFNS 4096ul

/* A bare invalidation that has been opened and not closed (I-Z2, I-L1).  Writers: world.windows_lock. */
struct model_window {
	hva_t start;
	uint64_t npages; /* 0: not open */
};

/* What an access has to know of the time before it was translated. */
struct model_moment {
	uint64_t clock;
	uint64_t slot_changes;
	uint8_t attribute;
};

struct model {
	uint64_t clock;
	uint64_t in_flight; /* operations between their begin and their return */
	uint64_t mm_id;
	uint64_t gfns; /* attributes are tracked for gfns below */
	uint8_t **attributes; /* by gfn / MODEL_CHUNK_GFNS; writers: world.attributes_lock; NULL: VM has none */
	struct model_as as[MMU_ADDRESS_SPACES_MAX];
	struct model_gmem gmem[MODEL_GMEM_MAX];
	struct model_window window[MODEL_WINDOWS_MAX];
	uint64_t windows_open;
};

/* A word of the model, as its lock-free readers and its writers use it. */
#define MODEL_GET(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define MODEL_SET(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELAXED)

static inline uint64_t model_clock(const struct model *model)
{
	return MODEL_GET(model->clock);
}

/* Brackets of one operation; return the tick. */
static inline uint64_t model_op_begin(struct model *model)
{
	__atomic_add_fetch(&model->in_flight, 1, __ATOMIC_RELAXED);
	return __atomic_add_fetch(&model->clock, 1, __ATOMIC_RELAXED);
}

static inline uint64_t model_op_return(struct model *model)
{
	__atomic_sub_fetch(&model->in_flight, 1, __ATOMIC_RELAXED);
	return __atomic_add_fetch(&model->clock, 1, __ATOMIC_RELAXED);
}

static inline bool model_windows_open(const struct model *model)
{
	return MODEL_GET(model->windows_open);
}

/* NULL: shared, as all of its neighbours. */
static inline uint8_t *model_chunk(const struct model *model, gfn_t gfn)
{
	return __atomic_load_n(&model->attributes[gfn / MODEL_CHUNK_GFNS], __ATOMIC_ACQUIRE);
}

/* model_attribute_bits.  Where the model does not follow attributes, both kinds are lawful. */
static inline uint8_t model_attribute(const struct model *model, gfn_t gfn)
{
	const uint8_t *chunk;

	if (!model->attributes)
		return 0;
	if (gfn >= model->gfns)
		return MODEL_ATTRIBUTE_CHANGING;
	chunk = model_chunk(model, gfn);
	return chunk ? MODEL_GET(chunk[gfn % MODEL_CHUNK_GFNS]) : 0;
}

static inline bool map_covers(const struct model_slot_map *map, gfn_t gfn)
{
	return gfn - MODEL_GET(map->base) < MODEL_GET(map->npages);
}

/* Any time: the slot that was ever known by that id, perhaps DEAD; NULL. */
static inline struct model_slot *model_slot_known(const struct model_as *as, uint16_t id)
{
	struct model_slot **block = __atomic_load_n(&as->by_id[id / MODEL_IDS_BLOCK], __ATOMIC_ACQUIRE);

	return block ? __atomic_load_n(&block[id % MODEL_IDS_BLOCK], __ATOMIC_ACQUIRE) : NULL;
}

/*
 * Any time: the slot whose .now covers @gfn; NULL.  There is at most one; what a change in the midst of it makes of the
 * answer, model_as.changes tells.
 */
static inline struct model_slot *model_slot_over(const struct model_as *as, gfn_t gfn)
{
	const struct model_places *places = MODEL_GET(as->places);
	const struct model_place *at = places->place;
	struct model_slot *slot;

	for (uint32_t n = MODEL_GET(places->count); n > 1; n -= n / 2)
		at = MODEL_GET(at[n / 2].base) <= gfn ? at + n / 2 : at;
	slot = MODEL_GET(at->slot);
	return slot && map_covers(&slot->now, gfn) ? slot : NULL;
}

/* Any time: whether memory of that kind is the file's; if not, it is the host process's. */
static inline bool map_takes_file(const struct model *model, const struct model_slot_map *map, bool private)
{
	int gmem = MODEL_GET(map->gmem);

	return private || (gmem != MODEL_NO_GMEM && MODEL_GET(model->gmem[gmem].backs_shared));
}

/* ------------------------------------------------------------------------------------------------ for the audits */

/* The slot of @as_id with @id, or the LIVE one that covers @gfn; NULL.  Quiescent, or with world.slots_lock held. */
const struct model_slot *model_slot_by_id(const struct model *model, unsigned int as_id, unsigned int id);
const struct model_slot *model_slot_at(const struct model *model, unsigned int as_id, gfn_t gfn);

/* Any time, and then perhaps outdated: where the gfn's slot is in the host process.  False: no slot. */
bool model_hva_at(const struct model *model, unsigned int as_id, gfn_t gfn, hva_t *hva);

/* Any time, and then perhaps outdated.  False above model.gfns too. */
bool model_is_private(const struct model *model, gfn_t gfn);

/* For a writer: @gfn is tracked. */
void model_attribute_set(struct model *model, gfn_t gfn, uint8_t bits);
void model_attributes_init(struct model *model, uint64_t gfns);
void model_attributes_free(struct model *model);

/* Quiescent: how many windows overlap [start, start + npages) of the mm. */
unsigned int model_windows_over(const struct model *model, hva_t start, uint64_t npages);

#endif
