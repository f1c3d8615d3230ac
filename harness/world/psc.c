// SPDX-License-Identifier: GPL-2.0-only
/*
 * psc.c - the paging-structure cache: non-leaf entries that a CPU may go on using until it is flushed.
 *
 * An entry names a table page and the epoch that the page had, so that a table which was freed without a flush is not
 * only used, as hardware would, but also seen to be (I-T3, I-H12).
 * Locking: the vCPU's own thread.
 * Source:  SDM vol. 3 section 29.4.2.
 */
#include "harness/world/cpu_parts.h"

static uint64_t prefix_of(gpa_t gpa, int level)
{
	return gpa >> (MMU_PAGE_SHIFT + 9 * level);
}

static struct psc_entry *slot_for(const struct cpu *cpu, gpa_t gpa, int level)
{
	struct psc *psc = (struct psc *)&cpu->psc;

	return &psc->entry[level][prefix_of(gpa, level) % PSC_ENTRIES];
}

static bool is_for(const struct psc_entry *entry, const struct cpu *cpu, gpa_t gpa, int level)
{
	return entry->key == cpu->key && entry->prefix == prefix_of(gpa, level);
}

const struct psc_entry *psc_lookup(const struct cpu *cpu, gpa_t gpa, int *level)
{
	for (*level = MMU_LEVEL_4K; *level < cpu->context.root_level; ++*level) {
		const struct psc_entry *entry = slot_for(cpu, gpa, *level);

		if (is_for(entry, cpu, gpa, *level))
			return entry;
	}
	return NULL;
}

void psc_fill(struct cpu *cpu, gpa_t gpa, int level, mmu_pfn_t table, uint32_t epoch, uint32_t allowed)
{
	*slot_for(cpu, gpa, level) = (struct psc_entry){
		.key = cpu->key,
		.prefix = prefix_of(gpa, level),
		.table = table,
		.epoch = epoch,
		.allowed = allowed,
	};
}

void psc_forget_gpa(struct cpu *cpu, gpa_t gpa)
{
	for (int level = MMU_LEVEL_4K; level < MMU_LEVELS_MAX; level++) {
		struct psc_entry *entry = slot_for(cpu, gpa, level);

		if (is_for(entry, cpu, gpa, level))
			entry->key = 0;
	}
}

void psc_forget_root(struct cpu *cpu, mmu_pfn_t root)
{
	for (int level = 0; level < MMU_LEVELS_MAX; level++) {
		for (unsigned int i = 0; i < PSC_ENTRIES; i++) {
			if (cpu->psc.entry[level][i].key >> CACHE_GENERATION_BITS == root)
				cpu->psc.entry[level][i].key = 0;
		}
	}
}
