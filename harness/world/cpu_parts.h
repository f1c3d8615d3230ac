/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_parts.h - what the files of the simulated CPU ask of each other.
 *
 * Locking: all on the vCPU's own thread.
 */
#ifndef HARNESS_WORLD_CPU_PARTS_H
#define HARNESS_WORLD_CPU_PARTS_H

#include "harness/world/cpu.h"

static inline void cpu_count(struct cpu *cpu, enum cpu_counter counter)
{
	__atomic_store_n(&cpu->counter[counter], cpu->counter[counter] + 1, __ATOMIC_RELAXED);
}

/* Permissions that an access asks for. */
static inline uint32_t access_needs(uint32_t access)
{
	return access & (MMU_READ | MMU_WRITE | MMU_EXEC);
}

/* ------------------------------------------------------------------------------------------------- tlb.c, psc.c */

/* Sets cpu->key for @root; called at each entry. */
void cache_select_root(struct cpu *cpu, mmu_hpa_t root);
void cache_flush(struct cpu *cpu, enum mmu_flush kind, mmu_hpa_t root);

/* False: nothing cached that permits the access.  @needs_dirty: D must be known to be set. */
bool tlb_lookup(const struct cpu *cpu, gpa_t gpa, uint32_t needs, bool needs_dirty, struct translation *translation);
void tlb_fill(struct cpu *cpu, gpa_t gpa, const struct translation *translation);
void tlb_forget_gpa(struct cpu *cpu, gpa_t gpa); /* as a fault does: for the current root, all levels */
void tlb_forget_root(struct cpu *cpu, mmu_pfn_t root);

/* The entry of the lowest table known for @gpa, level 1 first; NULL: walk from the root. */
const struct psc_entry *psc_lookup(const struct cpu *cpu, gpa_t gpa, int *level);
void psc_fill(struct cpu *cpu, gpa_t gpa, int level, mmu_pfn_t table, uint32_t epoch, uint32_t allowed);
void psc_forget_gpa(struct cpu *cpu, gpa_t gpa);
void psc_forget_root(struct cpu *cpu, mmu_pfn_t root);

/* --------------------------------------------------------------------------------------------------- walk*.c, pml.c */

enum walk_entry_kind {
	WALK_ABSENT,
	WALK_ILLEGAL, /* present to the hardware, with a combination of bits that is not allowed */
	WALK_TABLE,
	WALK_LEAF,
};

struct walk_entry {
	enum walk_entry_kind kind;
	uint32_t allowed; /* by this entry alone */
	mmu_pfn_t pfn; /* child table, or first page of the leaf */
};

/* One format's reading of the entry @raw in a table of @level, and its A and D bits. */
struct walk_format {
	struct walk_entry (*decode)(const struct cpu_config *config, uint64_t raw, int level);
	uint64_t accessed;
	uint64_t dirty;
};

extern const struct walk_format walk_ept;
extern const struct walk_format walk_npt;

enum walk_result {
	WALK_DONE,
	WALK_FAULT,
	WALK_MISCONFIG,
	WALK_PML_FULL,
	WALK_BROKEN, /* the tables themselves are wrong: reported */
};

/* Translates, with the side effects of hardware.  When there is a fault, @translation is what was met last. */
enum walk_result cpu_walk(struct cpu *cpu, gpa_t gpa, uint32_t needs, struct translation *translation);

/* Reads the live tables without side effects or checks; false: nothing there for @gpa. */
bool cpu_probe(const struct cpu *cpu, gpa_t gpa, struct translation *translation);

static inline bool pml_is_full(const struct cpu *cpu)
{
	return cpu->pml.count == PML_ENTRIES;
}

void pml_log(struct cpu *cpu, gpa_t gpa);
unsigned int pml_drain(struct cpu *cpu, gpa_t *gpas, unsigned int room);

#endif
