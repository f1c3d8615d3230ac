/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tree.h - page tables: a root, the tables below it, and what may be done to their entries.
 *
 * Nothing here knows what the tables translate or for whom.  Whoever owns a tree hears of each change by struct
 * pt_hooks, and supplies the flush and the chance to yield.
 *
 * Modes:     EXCLUSIVE  the caller keeps all other software out (a lock held for writing); hardware, and the lockless
 *                       change of permissions (pt_try_change()), may still come in between
 *            SHARED     others change the same tree: every change is a compare-and-exchange, and an entry is frozen
 *                       while what hangs below it, or its translation, is being got rid of
 * RCU:       tables are read inside of RCU read sections (holding a lock that does not sleep is one) and freed by RCU,
 *            so a walk may go on in a table that has just been unlinked; all entries of it are frozen or empty then.
 * Flushes:   functions that return "flush" have taken a translation away; the caller flushes before it lets go of its
 *            lock, or of its RCU read section in SHARED mode.
 * Ownership: a table belongs to the entry that links it; an unlinked one to the grace period.
 * Source:    spec.md 3.6, 4.7, 10 (layer 1), 10.2.
 */
#ifndef MMU_REFERENCE_PT_TREE_H
#define MMU_REFERENCE_PT_TREE_H

#include "mmu_core/host.h"

#include "check.h"
#include "pt/format.h"

struct pt_tree;

struct pt_links {
	struct pt_links *next, *prev;
};

/* The header of one table page.  A root of several tables in a row has one header. */
struct pt_table {
	struct pt_tree *tree;
	uint64_t *parent; /* the entry that links it; NULL: root */
	uint64_t ipn; /* first that it translates */
	uint32_t pfn; /* where it lies in the arena, in 4 KiB pages */
	uint32_t tag; /* the owner's, as is @flags */
	uint8_t level;
	uint8_t order; /* of its memory, in 4 KiB pages */
	uint16_t flags;
	uint32_t spare;
	union {
		struct host_rcu_head rcu; /* once it is unlinked */
		struct pt_links links; /* before: the owner's */
	};
};
_Static_assert(sizeof(struct pt_table) <= 64, "a header is one cache line (spec.md S4.5)");

enum pt_mode {
	PT_EXCLUSIVE,
	PT_SHARED,
};

struct pt_change {
	uint64_t ipn;
	unsigned int level;
	uint64_t old, new;
};

/* What the owner hears; any may be NULL.  Called under the caller's lock: none may sleep, but for yield(). */
struct pt_hooks {
	void (*changed)(struct pt_tree *tree, const struct pt_change *change);
	void (*linked)(struct pt_tree *tree, struct pt_table *table);
	void (*unlinked)(struct pt_tree *tree, struct pt_table *table);
	void (*flush)(struct pt_tree *tree, uint64_t ipn, uint64_t npages);
	unsigned int (*split_attrs)(struct pt_tree *tree, unsigned int attrs,
				    unsigned int level); /* of smaller leafs */
	bool (*wants_yield)(struct pt_tree *tree);
	void (*yield)(struct pt_tree *tree, enum pt_mode mode); /* lets go of the lock for a while */
};

struct pt_tree {
	const struct pt_format *format;
	const struct pt_hooks *hooks;
	struct pt_table *root;
	uint32_t tag; /* of new tables */
	/*
	 * Of a tree that somebody keeps a copy of; NULL: of any other.  Hears of each change while the entry is frozen,
	 * so before anybody has seen it, and after what was below has gone.  False: what should come does not come, and
	 * the entry becomes what it was; going away is not refused.  What is live may not become something else live.
	 */
	bool (*agree)(struct pt_tree *tree, const struct pt_change *change);
};

/* ---------------------------------------------------------------------------------------------------------- tables */

/* -ENOMEM.  The hooks live as long as the tree. */
int pt_tree_init(struct pt_tree *tree, const struct pt_format *format, const struct pt_hooks *hooks, uint32_t tag);

/* Takes everything apart and gives the root back, all after a grace period.  Nobody else may use the tree. */
void pt_tree_destroy(struct pt_tree *tree);

/* Tables made ahead of use, where the caller may sleep or fail. */
struct pt_cache {
	struct pt_links *first;
	unsigned int count;
};

int pt_cache_fill(struct pt_cache *cache, const struct pt_format *format, unsigned int count); /* -ENOMEM */
void pt_cache_drain(struct pt_cache *cache);
struct pt_table *pt_cache_take(struct pt_cache *cache); /* there is one: asserted */
void pt_cache_put(struct pt_cache *cache, struct pt_table *table);

static inline uint64_t *pt_entries(const struct pt_table *table)
{
	return host_pfn_to_va(table->pfn);
}

/* The table that an entry of @level + 1 with output page @opn leads to. */
static inline uint64_t *pt_child_entries(const struct pt_format *format, uint64_t opn)
{
	return host_pfn_to_va(opn << (format->page_shift - MMU_PAGE_SHIFT));
}

/* The header of the table page @pfn, which is one. */
struct pt_table *pt_table_at(mmu_pfn_t pfn);
void pt_table_set_header(mmu_pfn_t pfn, struct pt_table *table);

static inline struct pt_table *pt_child(const struct pt_format *format, uint64_t opn)
{
	return pt_table_at(opn << (format->page_shift - MMU_PAGE_SHIFT));
}

/* ------------------------------------------------------------------------------------------------------ one entry */

static inline struct pt_entry pt_decode(const struct pt_format *format, uint64_t raw, unsigned int level)
{
	return format->decode(format, raw, level);
}

/* The leaf @raw of @level with other attributes. */
uint64_t pt_with_attrs(const struct pt_format *format, uint64_t raw, unsigned int level, unsigned int attrs);

/*
 * Pre-order over the entries of [start, end) down to @level_min; an entry is read again before the step below it.  Ends
 * are rounded out to entries.
 */
struct pt_iter {
	struct pt_tree *tree;
	uint64_t *entry;
	uint64_t raw; /* as it was read */
	uint64_t ipn; /* first of the entry */
	unsigned int level;
	bool valid;

	uint64_t start, end;
	unsigned int level_min;
	uint64_t yielded_at; /* where it last let go of the lock, so that it never does twice at one place */
	bool restart;
	uint64_t *tables[PT_LEVELS_MAX + 1]; /* the path, by level */
};

void pt_iter_begin(struct pt_iter *iter, struct pt_tree *tree, uint64_t start, uint64_t end, unsigned int level_min);
void pt_iter_next(struct pt_iter *iter);

/*
 * Lets go of the lock if somebody wants it, after a flush of the whole tree if @flush says that one is due (it is not
 * afterwards).  True: the iterator starts over where it was, and the loop has to go on with the next round.
 */
bool pt_iter_yield(struct pt_iter *iter, enum pt_mode mode, bool *flush);

#define pt_for_each(iter, tree, start, end, level_min) \
	for (pt_iter_begin(iter, tree, start, end, level_min); (iter)->valid; pt_iter_next(iter))

static inline struct pt_entry pt_iter_entry(const struct pt_iter *iter)
{
	return pt_decode(iter->tree->format, iter->raw, iter->level);
}

/*
 * Puts @new where iter->raw was read.  False in SHARED mode: it was something else by then, and iter->raw has become
 * that; in any mode: agree() did not.  What hung below the old entry is taken apart.  Where the format wants it, break
 * before make.
 */
bool pt_set(struct pt_iter *iter, uint64_t new, enum pt_mode mode);

/*
 * Changes a live leaf's attributes only, in any mode and without any lock: by one compare-and-exchange.
 * False: iter->raw has become what is there now.
 */
bool pt_try_change(struct pt_iter *iter, unsigned int set, unsigned int clear);

/* ---------------------------------------------------------------------------------------------------------- ranges */

enum pt_mapped {
	PT_MAPPED, /* it is there now */
	PT_THERE_ALREADY, /* what is there permits @needs */
	PT_TRY_AGAIN, /* lost a race, met a frozen entry, or agree() did not */
	PT_CONFLICT, /* another output page is mapped there */
};

struct pt_mapping;

/* How the owner takes part in one pt_map(); NULL: not at all. */
struct pt_map_policy {
	/* May lower mapping->level as the walk passes an entry. */
	void (*at_entry)(struct pt_mapping *mapping, const struct pt_iter *iter);
	unsigned int (*attrs)(const struct pt_mapping *mapping, unsigned int level);
	void (*linking)(struct pt_mapping *mapping, struct pt_table *table); /* not linked yet */
	void (*linked)(struct pt_mapping *mapping, struct pt_table *table);
};

struct pt_mapping {
	uint64_t ipn, opn; /* of the one page that is asked for */
	unsigned int level; /* of the leaf */
	unsigned int attrs; /* of the leaf, unless the policy says */
	unsigned int needs; /* attributes that make what is there already good enough */
	uint64_t raw; /* LEVEL 1: put this instead of a leaf, unless 0 */
	const struct pt_map_policy *policy;
	struct pt_cache *cache; /* at least format->levels - 1 tables */
};

/* One leaf, and the tables that lead to it.  A larger leaf in the way is split; a table in its place goes away. */
enum pt_mapped pt_map(struct pt_tree *tree, struct pt_mapping *mapping, enum pt_mode mode);

/*
 * Takes away the leafs that overlap [start, end), whole, and of which @wanted (NULL: all) says so.  EXCLUSIVE; yields.
 * Returns flush, or'ed to @flush.
 */
bool pt_unmap(struct pt_tree *tree, uint64_t start, uint64_t end, bool (*wanted)(const struct pt_entry *leaf),
	      bool may_yield, bool flush);

/* Takes away a table that is linked, with everything below.  EXCLUSIVE; a flush is due. */
void pt_unlink(struct pt_table *table);

/* Takes away every entry of @level_min and above in the tree, with what hangs below.  Yields; nothing is flushed. */
void pt_clear(struct pt_tree *tree, unsigned int level_min, enum pt_mode mode);

/*
 * Clears attributes of all leafs, of the smallest and of larger ones in one pass: with two, what is split in between
 * would be missed by both.  Yields.  Returns flush.
 */
struct pt_protection {
	unsigned int small, large; /* attributes to clear */
};
bool pt_protect(struct pt_tree *tree, uint64_t start, uint64_t end, struct pt_protection clear, enum pt_mode mode);

/* Was any leaf of the range accessed that is @wanted?  @clear: it is not any more.  Never flushes. */
bool pt_age(struct pt_tree *tree, uint64_t start, uint64_t end, bool (*wanted)(const struct pt_entry *leaf),
	    bool clear);

/*
 * Replaces leafs above @level by tables of smaller ones, same translation.  -ENOMEM when the cache is empty; then
 * *@start is where to go on.
 */
int pt_split(struct pt_tree *tree, uint64_t *start, uint64_t end, unsigned int level, struct pt_cache *cache,
	     enum pt_mode mode);

/* A table of leafs for @huge, a leaf of @level: same output, same attributes but for split_attrs().  Not linked. */
void pt_split_fill(struct pt_tree *tree, uint64_t huge, unsigned int level, struct pt_table *table);

/*
 * The opposite: the table at @ipn becomes one leaf of @level if all its entries are leafs that make one.  EXCLUSIVE.
 * True: it has, and a flush is due.
 */
bool pt_collapse(struct pt_tree *tree, uint64_t ipn, unsigned int level);

/* ----------------------------------------------------------------------------------------------------------- reads */

/* The deepest entry that leads to @ipn, by a walk without a lock.  Its decoded form; *@iter can be handed to
 * pt_try_change(). */
struct pt_entry pt_lookup(struct pt_tree *tree, uint64_t ipn, struct pt_iter *iter);

struct pt_visitor {
	bool (*table)(void *context, mmu_pfn_t table); /* before what is in it */
	bool (*entry)(void *context, mmu_pfn_t table, const struct pt_iter *at); /* all but empty ones */
	void *context;
};

/* Everything below the root, pre-order, while nobody changes it.  Stops when a function says false. */
void pt_visit(struct pt_tree *tree, const struct pt_visitor *visitor);

#endif
