/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * saboteur.h - the small world that a saboteur spoils, and what saboteurs are made of.
 *
 * A saboteur makes one thing wrong: in the core's state (core.h, enum mmu_spoil), in the host's, or in what the model
 * was told.  Then an audit, an access or the end of the VM has to make exactly one kind of finding.
 * Locking: one thread, one VM.
 */
#ifndef HARNESS_INVARIANTS_SABOTEUR_H
#define HARNESS_INVARIANTS_SABOTEUR_H

#include "harness/invariants/format.h"
#include "harness/invariants/invariants.h"

/*
 * The layout, all below 1 GiB of gfns, so that the tables of level 3 and up are shared.  The small slot is smaller than
 * a 2 MiB frame; the huge one holds two of them.
 */
#define SMALL_SLOT 0
#define SMALL_GFN 0x10000
#define SMALL_NPAGES 256
#define SMALL_HVA (HOST_HVA_BASE + 0x10000000)
#define HUGE_SLOT 1
#define HUGE_GFN 0x20000
#define HUGE_NPAGES 1024
#define HUGE_HVA (HOST_HVA_BASE + 0x20000000)
/* In the table that maps the small slot, but behind its end. */
#define HOLE_GFN (SMALL_GFN + SMALL_NPAGES)

#define UNDO_MAX 16

struct undo {
	enum mmu_spoil what;
	uint64_t where;
	uint64_t value;
};

struct sabotage {
	const struct mmu_core_ops *core;
	struct mmu_core_config config;
	enum invariant_id id;
	struct world *world;
	int gmem;
	unsigned int nr_undo;
	struct undo undo[UNDO_MAX];
};

struct saboteur {
	/* Makes the world, with something in it to spoil.  0 or -errno. */
	int (*build)(struct sabotage *sabotage);
	/* Spoils one thing, and runs whatever notices it unless that is an audit.  0 or -errno. */
	int (*spoil)(struct sabotage *sabotage);
	/* Beyond the undo list; NULL: nothing. */
	void (*restore)(struct sabotage *sabotage);
	bool audit; /* an audit has to notice; afterwards all is put right, and the next audit must be clean */
	enum invariant_id companion; /* cannot but fire too, see there; INVARIANTS: none */
};

extern const struct saboteur *const saboteurs[INVARIANTS];

/* ------------------------------------------------------------------------------------------------------- worlds */

/* Both slots, a few pages of each mapped; default VM type.  The huge slot is mapped by 2 MiB pages if the core may. */
int build_plain(struct sabotage *sabotage);
int build_empty(struct sabotage *sabotage); /* slots, and a vCPU that has loaded its root and touched nothing */
int build_logged(struct sabotage *sabotage); /* plain, and the small slot is dirty-logged from its creation */
int build_private(struct sabotage *sabotage); /* SW_PROTECTED: both slots on a guest_memfd, some pages private */

int world_for(struct sabotage *sabotage, enum mmu_vm_type type);
int add_slots(struct sabotage *sabotage, uint32_t small_flags, uint32_t huge_flags);

/* One guest access on vCPU 0, to its end.  The error of the run. */
int touch(struct sabotage *sabotage, gfn_t gfn, uint32_t access);

/* ----------------------------------------------------------------------------------------------------- spoiling */

/* core->spoil() with its undo noted: ENTRY stores and the undo puts the old word back; the others add or toggle. */
int spoil(struct sabotage *sabotage, enum mmu_spoil what, uint64_t where, uint64_t value);
int spoil_entry(struct sabotage *sabotage, const struct mmu_entry *entry, uint64_t raw);
int spoil_counter(struct sabotage *sabotage, enum mmu_counter counter, int64_t difference);
/* Puts a leaf where there is no entry, counted as if the core had made it. */
int plant_leaf(struct sabotage *sabotage, mmu_hpa_t address, int level, uint64_t raw);
void undo_all(struct sabotage *sabotage);

/* The leaf, or the entry of @level, that translates @gfn in any valid root.  False: there is none. */
bool find_leaf(struct sabotage *sabotage, gfn_t gfn, struct mmu_entry *leaf);
bool find_entry(struct sabotage *sabotage, gfn_t gfn, int level, struct mmu_entry *entry);
bool find_root(struct sabotage *sabotage, unsigned int as_id, struct mmu_table *root);

/* Bits of a present entry by this configuration's format. */
uint64_t bit_write(const struct sabotage *sabotage);
uint64_t bit_mmu_writable(struct sabotage *sabotage, const struct mmu_entry *leaf);
uint64_t bit_host_writable(struct sabotage *sabotage, const struct mmu_entry *leaf);
uint64_t with_pfn(uint64_t raw, mmu_pfn_t pfn);
uint64_t without_exec(const struct sabotage *sabotage, uint64_t raw);

#endif
