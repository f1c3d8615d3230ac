// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlb.c - the translation cache of one simulated CPU, and what a flush means for it and the paging-structure cache.
 *
 * Translations of several page sizes for one gpa may be cached at once, as on hardware; a lookup takes the smallest.
 * Forgetting everything is one increment of the generation, which is part of each entry's key.
 * Locking: the vCPU's own thread.
 * Source:  SDM vol. 3 section 29.4 (tags, what INVEPT and faults invalidate); APM vol. 2 section 15.16 (ASIDs).
 */
#include <string.h>

#include "harness/world/cpu_parts.h"

static uint64_t frame_of(gpa_t gpa, int level)
{
	return gpa >> (MMU_PAGE_SHIFT + 9 * (level - 1));
}

static mmu_pfn_t tag_of_root(const struct cpu *cpu, mmu_hpa_t root)
{
	return cpu->config.paging == MMU_PAGING_EPT ? root >> MMU_PAGE_SHIFT : CACHE_ASID_PFN;
}

static mmu_pfn_t tag_of_key(uint64_t key)
{
	return key >> CACHE_GENERATION_BITS;
}

void cache_select_root(struct cpu *cpu, mmu_hpa_t root)
{
	mmu_pfn_t tag = tag_of_root(cpu, root);

	if (!cpu->cached_roots) {
		cpu->cached_roots = 1;
		cpu->cached_root = tag;
	} else if (cpu->cached_root != tag) {
		cpu->cached_roots = 2;
	}
	cpu->key = tag << CACHE_GENERATION_BITS | cpu->generation;
}

static void forget_everything(struct cpu *cpu)
{
	cpu->cached_roots = 0;
	cpu->tlb.large_used[0] = cpu->tlb.large_used[1] = false;
	if (++cpu->generation >> CACHE_GENERATION_BITS) {
		memset(&cpu->tlb, 0, sizeof(cpu->tlb));
		memset(&cpu->psc, 0, sizeof(cpu->psc));
		cpu->generation = 1;
	}
}

void cache_flush(struct cpu *cpu, enum mmu_flush kind, mmu_hpa_t root)
{
	mmu_pfn_t tag = tag_of_root(cpu, root);

	if (kind == MMU_FLUSH_ALL || cpu->cached_roots == 0 || (cpu->cached_roots == 1 && cpu->cached_root == tag)) {
		forget_everything(cpu);
	} else if (cpu->cached_roots > 1) {
		tlb_forget_root(cpu, tag);
		psc_forget_root(cpu, tag);
	}
}

static struct tlb_entry *find(struct tlb_entry *entry, unsigned int ways, uint64_t key, uint64_t frame)
{
	for (unsigned int way = 0; way < ways; way++) {
		if (entry[way].frame == frame && entry[way].key == key)
			return &entry[way];
	}
	return NULL;
}

/* The entry for @gpa among those of @level; NULL: none. */
static struct tlb_entry *find_at_level(const struct cpu *cpu, gpa_t gpa, int level)
{
	struct tlb *tlb = (struct tlb *)&cpu->tlb;
	uint64_t frame = frame_of(gpa, level);

	if (level == MMU_LEVEL_4K)
		return find(tlb->small[frame % TLB_SETS], TLB_WAYS, cpu->key, frame);
	if (!tlb->large_used[level - MMU_LEVEL_2M])
		return NULL;
	return find(tlb->large[level - MMU_LEVEL_2M], TLB_LARGE_WAYS, cpu->key, frame);
}

bool tlb_lookup(const struct cpu *cpu, gpa_t gpa, uint32_t needs, bool needs_dirty, struct translation *translation)
{
	for (int level = MMU_LEVEL_4K; level <= MMU_LEVEL_1G; level++) {
		const struct tlb_entry *entry = find_at_level(cpu, gpa, level);

		if (!entry)
			continue;
		/* Hardware walks again rather than fault on what may be outdated permissions. */
		if ((needs & ~entry->allowed) || (needs_dirty && !entry->dirty))
			return false;
		*translation = (struct translation){
			.pfn = entry->pfn + ((gpa >> MMU_PAGE_SHIFT) & (mmu_level_npages(level) - 1)),
			.allowed = entry->allowed,
			.level = level,
			.from_tlb = true,
			.dirty = entry->dirty,
			.filled = entry->filled,
			.leaf = entry->leaf,
			.raw = entry->raw,
		};
		return true;
	}
	return false;
}

static struct tlb_entry *choose_victim(struct tlb_entry *entry, unsigned int ways, uint64_t generation, uint8_t *victim)
{
	for (unsigned int way = 0; way < ways; way++) {
		if ((entry[way].key & (((uint64_t)1 << CACHE_GENERATION_BITS) - 1)) != generation)
			return &entry[way];
	}
	return &entry[(*victim)++ % ways];
}

void tlb_fill(struct cpu *cpu, gpa_t gpa, const struct translation *translation)
{
	struct tlb *tlb = &cpu->tlb;
	int level = translation->level;
	uint64_t frame = frame_of(gpa, level);
	struct tlb_entry *entry = find_at_level(cpu, gpa, level);

	if (!entry && level == MMU_LEVEL_4K) {
		entry = choose_victim(tlb->small[frame % TLB_SETS], TLB_WAYS, cpu->generation,
				      &tlb->small_victim[frame % TLB_SETS]);
	} else if (!entry) {
		entry = choose_victim(tlb->large[level - MMU_LEVEL_2M], TLB_LARGE_WAYS, cpu->generation,
				      &tlb->large_victim[level - MMU_LEVEL_2M]);
		tlb->large_used[level - MMU_LEVEL_2M] = true;
	}
	*entry = (struct tlb_entry){
		.key = cpu->key,
		.frame = frame,
		.pfn = translation->pfn & ~(mmu_level_npages(level) - 1),
		.filled = translation->filled,
		.leaf = translation->leaf,
		.raw = translation->raw,
		.allowed = translation->allowed,
		.dirty = translation->dirty,
	};
}

void tlb_forget_gpa(struct cpu *cpu, gpa_t gpa)
{
	for (int level = MMU_LEVEL_4K; level <= MMU_LEVEL_1G; level++) {
		struct tlb_entry *entry = find_at_level(cpu, gpa, level);

		if (entry)
			entry->key = 0;
	}
}

static void forget_root_in(struct tlb_entry *entry, unsigned int count, mmu_pfn_t root)
{
	for (unsigned int i = 0; i < count; i++) {
		if (tag_of_key(entry[i].key) == root)
			entry[i].key = 0;
	}
}

void tlb_forget_root(struct cpu *cpu, mmu_pfn_t root)
{
	forget_root_in(&cpu->tlb.small[0][0], TLB_SETS * TLB_WAYS, root);
	forget_root_in(&cpu->tlb.large[0][0], 2 * TLB_LARGE_WAYS, root);
}
