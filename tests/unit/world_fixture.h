/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world_fixture.h - one simulated CPU on tables made by hand, and a core that does what the test tells it.
 *
 * Ownership: one fixture a process; tables stay in the arena until its end.
 */
#ifndef TESTS_UNIT_WORLD_FIXTURE_H
#define TESTS_UNIT_WORLD_FIXTURE_H

#include "check.h"
#include "harness/finding/finding.h"
#include "harness/world/cpu_parts.h"
#include "harness/world/world_parts.h"

/* Expects @count more findings of @id since the last time, and no other. */
#define EXPECT_FINDINGS(id, count) expect_findings(__FILE__, __LINE__, id, count)
void expect_findings(const char *file, int line, enum invariant_id id, uint64_t count);

/* Bits of leafs and tables that the test's tables are made of. */
#define EPT_RWX ((uint64_t)7)
#define EPT_WB ((uint64_t)6 << 3)
#define EPT_A ((uint64_t)1 << 8)
#define EPT_D ((uint64_t)1 << 9)
#define EPT_LARGE ((uint64_t)1 << 7)
#define NPT_P ((uint64_t)1 << 0)
#define NPT_W ((uint64_t)1 << 1)
#define NPT_U ((uint64_t)1 << 2)
#define NPT_A ((uint64_t)1 << 5)
#define NPT_D ((uint64_t)1 << 6)
#define NPT_PS ((uint64_t)1 << 7)
#define NPT_NX ((uint64_t)1 << 63)

struct fixture {
	struct world *world;
	struct cpu *cpu;
	struct mmu_guest_context context;
};

/* What the fake core answers to the next operation, and how often it was asked. */
struct fake_core {
	int answer;
	unsigned int calls;
	uint64_t dirty; /* first word of what dirty_get reports */
	void (*during)(void); /* runs inside the operation; NULL */
};
extern struct fake_core fake;

void fixture_start(struct fixture *fixture, enum mmu_paging paging, enum mmu_vm_type type);
void fixture_stop(struct fixture *fixture);

mmu_pfn_t new_table(void);
mmu_pfn_t new_page(enum host_page_kind kind, uint64_t owner, uint64_t location);

/* Where @gpa's entry of @level lives below @root; tables on the way are made with full permissions. */
uint64_t *entry_for(struct fixture *fixture, mmu_hpa_t root, gpa_t gpa, int level);
uint64_t leaf_value(const struct fixture *fixture, mmu_pfn_t pfn, int level);

/* Makes the root of a context: an empty table of level 4, flushed for. */
void new_root(struct fixture *fixture);

/* Enters the guest with one access; returns the exit. */
struct mmu_guest_exit run_access(struct fixture *fixture, gpa_t gpa, uint32_t access);

#endif
