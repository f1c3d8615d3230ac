/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.h - one simulated CPU: TLB, paging-structure cache, page walkers, page-modification log, and the guest loop.
 *
 * It is to a core what hardware is: it reads the live tables in the arena without a lock, keeps what it has read until
 * it is told to flush, sets A and D bits by compare-and-exchange, and stops at an instruction boundary for an
 * interrupt. Nothing of a core is included here; formats are from the manuals (spec.md 9.2, 9.3).
 * Locking: used by one thread at a time, with interrupts off from enter() to its return.  Counters may be read by any.
 */
#ifndef HARNESS_WORLD_CPU_H
#define HARNESS_WORLD_CPU_H

#include "harness/world/model.h"

struct world;
struct world_vcpu;

enum guest_step {
	GUEST_ACCESS,
	GUEST_RSM, /* leaves SMM; outside SMM it is passed over */
};

/* One guest instruction.  A write puts a unique value; @value is what was read or written, afterwards. */
struct guest_access {
	enum guest_step step;
	uint32_t access; /* mmu_access_bits */
	gpa_t gpa;
	uint64_t value;
};

/* The guest's program.  Called with interrupts off: must not sleep.  Returns false when the guest is done. */
struct access_source {
	bool (*next)(void *context, struct guest_access *access);
	unsigned int faults_max; /* of one access, which the guest then gives up; 0: it never does */
	/* Tells the result of the access; NULL: not wanted. */
	void (*done)(void *context, const struct guest_access *access);
	void *context;
};

/* Fixed at creation. */
struct cpu_config {
	enum mmu_paging paging;
	uint8_t maxphyaddr;
	uint8_t level_max; /* largest leaf that this CPU knows: 2 or 3 */
};

/* ----------------------------------------------------------------------------------------------------- translations */

struct translation {
	mmu_pfn_t pfn; /* of the 4 KiB page that was asked for */
	uint32_t allowed; /* READ | WRITE | EXEC */
	uint8_t level; /* of the leaf */
	bool from_tlb;
	bool dirty; /* D is set or not used: a write needs no walk */
	uint64_t filled; /* clock before the walk that made it */
	mmu_hpa_t leaf; /* where the leaf entry lives, at the time of the walk */
	uint64_t raw; /* the leaf entry, as read */
};

/*
 * What an entry belongs to: the pfn of its root (EPT: translations are tagged by EP4TA) or the address space id (NPT:
 * by ASID, of which a vCPU has one, so that a new root without a flush serves the old root's translations), and the
 * generation, which makes forgetting everything one increment.
 */
#define CACHE_GENERATION_BITS 24
#define CACHE_ASID_PFN 1

#define TLB_SETS 64
#define TLB_WAYS 4
#define TLB_LARGE_WAYS 16 /* fully associative, a level */

struct tlb_entry {
	uint64_t key;
	uint64_t frame; /* frame number at its level */
	mmu_pfn_t pfn; /* first page of the frame */
	uint64_t filled;
	mmu_hpa_t leaf;
	uint64_t raw;
	uint8_t allowed;
	bool dirty;
};

struct tlb {
	struct tlb_entry small[TLB_SETS][TLB_WAYS];
	struct tlb_entry large[2][TLB_LARGE_WAYS]; /* 2M, 1G */
	bool large_used[2]; /* since the last time that everything was forgotten */
	uint8_t small_victim[TLB_SETS]; /* a set: one counter for all would always name the same way of a set */
	uint8_t large_victim[2];
};

/* Non-leaf entries: which table serves a prefix of the gfn, and which incarnation of its page that was. */
#define PSC_ENTRIES 16

struct psc_entry {
	uint64_t key;
	uint64_t prefix; /* gfn >> 9 * level of the table */
	mmu_pfn_t table;
	uint32_t epoch;
	uint8_t allowed; /* by the entries above */
};

struct psc {
	struct psc_entry entry[MMU_LEVELS_MAX][PSC_ENTRIES]; /* by level of the table, 1 .. root_level - 1 */
};

#define PML_ENTRIES 512

struct pml {
	unsigned int count;
	gpa_t gpa[PML_ENTRIES];
};

/* Roots for which the CPU has been flushed since they came to be (I-T6). */
#define CPU_ROOTS_KNOWN 8

struct cpu_root {
	mmu_hpa_t root;
	uint32_t epoch;
};

enum cpu_counter {
	CPU_ENTRIES,
	CPU_ACCESSES, /* completed */
	CPU_WRITES,
	CPU_TLB_HITS,
	CPU_WALKS,
	CPU_FAULTS,
	CPU_MISCONFIGS,
	CPU_EMULATED,
	CPU_INTERRUPTS,
	CPU_FLUSHES,
	CPU_PML_LOGGED,
	CPU_LOGGED_WRITES, /* to slots with dirty logging */
	CPU_GMEM_READS,
	CPU_COUNTERS,
};

struct cpu {
	struct world *world;
	struct world_vcpu *vcpu;
	struct cpu_config config;
	const struct access_source *source; /* during world_vcpu_run() */
	struct mmu_guest_context context; /* of the last enter() */
	bool pending; /* @access has not completed yet */
	struct guest_access access;
	unsigned int faults; /* of the pending access */
	uint64_t values_made;
	/* Progress (I-L5): faults of the pending access in a row while the model's clock stood still. */
	unsigned int faults_in_a_row;
	uint64_t faults_clock;
	int64_t faults_invalidations;
	uint64_t faults_since_ns; /* when half of what is permitted had come */
	struct model_moment faulted; /* before the access that exited last: for memory faults */
	struct cpu_root known[CPU_ROOTS_KNOWN];
	unsigned int known_next;
	bool flushed; /* everything, since the last enter() */
	uint64_t entered_at; /* clock at the last enter() */
	uint64_t flushed_at; /* clock at the last flush */
	uint64_t key; /* of what is cached now */
	uint64_t generation;
	unsigned int cached_roots; /* with entries of this generation: 0, 1, or 2 for several */
	mmu_pfn_t cached_root; /* if it is one */
	struct tlb tlb;
	struct psc psc;
	struct pml pml;
	uint64_t counter[CPU_COUNTERS];
};

extern const struct mmu_guest_ops cpu_guest_ops; /* their @guest is a struct cpu */

void cpu_init(struct cpu *cpu, struct world *world, struct world_vcpu *vcpu, const struct cpu_config *config);

/* Any thread. */
static inline uint64_t cpu_counter(const struct cpu *cpu, enum cpu_counter counter)
{
	return __atomic_load_n(&cpu->counter[counter], __ATOMIC_RELAXED);
}

#endif
