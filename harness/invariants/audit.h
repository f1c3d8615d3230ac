/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * audit.h - what the families of one audit share.
 *
 * Locking: one thread, a stopped world.
 */
#ifndef HARNESS_INVARIANTS_AUDIT_H
#define HARNESS_INVARIANTS_AUDIT_H

#include <inttypes.h>

#include "harness/finding/finding.h"
#include "harness/invariants/format.h"
#include "harness/world/world.h"

#define AUDIT_ROOTS_MAX 256

struct audit_root {
	struct mmu_table table;
	uint64_t present; /* entries that are leafs or tables, below and in the root */
};

struct audit {
	struct world *world;
	const struct mmu_core_ops *core;
	struct mmu_vm *vm;
	struct format format;
	bool nx_mitigation;
	unsigned int nr_roots;
	struct audit_root root[AUDIT_ROOTS_MAX];
	struct audit_root *current; /* whose subtree is being walked */
	uint64_t leafs[MMU_LEVELS_MAX + 1]; /* by level, over all roots */
	uint64_t nx_listed;
	struct table_map *tables;
};

/* Fills @audit and collects the roots; tables_begin() is the full audit's. */
void audit_begin(struct audit *audit, struct world *world);

/* The slot of the model that a leaf belongs to, and where in it; slot NULL: none covers its first gfn. */
struct audit_leaf {
	const struct mmu_entry *entry;
	unsigned int as_id;
	uint64_t npages;
	const struct model_slot *slot;
	bool from_file; /* its first gfn is a guest_memfd's, not the process's */
	hva_t hva; /* of its first gfn, if there is a slot */
};

struct audit_leaf audit_leaf_of(const struct audit *audit, const struct mmu_entry *entry);

/* How an entry is named in facts. */
#define ENTRY_FORMAT "entry %#" PRIx64 " at %#" PRIx64 ", level %d, gfn %#" PRIx64 ", root %#" PRIx64 "%s"
#define ENTRY_FACTS(audit, entry)                                                                  \
	(entry)->raw, (entry)->address, (entry)->level, (entry)->gfn, (audit)->current->table.pfn, \
		(audit)->current->table.invalid ? " (invalid)" : ""

/* Families.  _entry is called for each entry that is not NONE, _leaf for each present leaf. */
void entries_entry(struct audit *audit, const struct mmu_entry *entry);
void entries_leaf(struct audit *audit, const struct audit_leaf *leaf);

void tables_begin(struct audit *audit);
void tables_table(struct audit *audit, const struct mmu_table *table);
void tables_entry(struct audit *audit, const struct mmu_entry *entry);
void tables_end(struct audit *audit);

void roots_table(struct audit *audit, const struct mmu_table *table);
void roots_end(struct audit *audit);

void slots_audit(struct audit *audit);

void stale_leaf(struct audit *audit, const struct audit_leaf *leaf);

void private_leaf(struct audit *audit, const struct audit_leaf *leaf);
void private_audit(struct audit *audit);

void dirty_leaf(struct audit *audit, const struct audit_leaf *leaf);

void nx_table(struct audit *audit, const struct mmu_table *table);
void nx_end(struct audit *audit);

void protocol_audit(struct audit *audit);

#endif
