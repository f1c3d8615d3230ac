// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk.c - one page walk over the live tables, as hardware does it.
 *
 * Starts at the lowest table that the paging-structure cache knows.  Sets A in each entry that it passes and D in the
 * leaf of a write, by compare-and-exchange on the entry as it was read; when that fails the entry has changed and the
 * walk starts over.  A table page that is no table any more is a violation where hardware would read garbage.
 * Locking: none, on purpose.
 * Source:  SDM vol. 3 sections 29.3.3 (violations), 29.3.5 (A and D bits), 29.3.6 (PML); APM vol. 2 section 15.25.
 */
#include "harness/finding/finding.h"
#include "harness/world/cpu_parts.h"
#include "harness/world/world.h"

/* A table on the way down. */
struct step {
	mmu_pfn_t table;
	uint32_t epoch;
	int level;
	uint32_t allowed;
	bool cached; /* found in the paging-structure cache */
	mmu_hpa_t parent_entry; /* where the live tables named it; MMU_NO_HPA: root, or cached */
};

static const struct walk_format *format_of(const struct mmu_guest_context *context)
{
	return context->paging == MMU_PAGING_EPT ? &walk_ept : &walk_npt;
}

static bool sets_accessed_dirty(const struct cpu *cpu)
{
	return cpu->context.paging == MMU_PAGING_NPT || cpu->context.accessed_dirty;
}

static uint64_t *entry_at(mmu_pfn_t table, gpa_t gpa, int level)
{
	uint64_t *entries = host_pfn_to_va(table);

	return &entries[(gpa >> (MMU_PAGE_SHIFT + 9 * (level - 1))) & 511];
}

/*
 * Hardware orders the load of an entry after that of the entry above, which led to it; C has no such dependency, so the
 * load is an acquire.  A probe, or a core that frees a table too early, makes us read freed memory; that is for us to
 * say, not for ASan.
 */
__attribute__((no_sanitize("address"))) static uint64_t load_entry(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static mmu_hpa_t hpa_of(const uint64_t *entry)
{
	return (uintptr_t)entry - HOST_ARENA_BASE;
}

static uint32_t page_epoch(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return page ? __atomic_load_n(&page->epoch, __ATOMIC_RELAXED) : 0;
}

static bool is_table_page(mmu_pfn_t pfn, uint32_t epoch)
{
	const struct host_page *page = host_page(pfn);

	return page && __atomic_load_n(&page->kind, __ATOMIC_RELAXED) == HOST_PAGE_CORE &&
	       __atomic_load_n(&page->epoch, __ATOMIC_RELAXED) == epoch;
}

static bool links_to(const struct cpu *cpu, mmu_hpa_t parent_entry, const struct step *step)
{
	uint64_t raw = load_entry((const uint64_t *)(HOST_ARENA_BASE + parent_entry));
	struct walk_entry decoded = format_of(&cpu->context)->decode(&cpu->config, raw, step->level + 1);

	return decoded.kind == WALK_TABLE && decoded.pfn == step->table;
}

static void report_no_table(const struct cpu *cpu, gpa_t gpa, const struct step *step)
{
	const struct host_page *page = host_page(step->table);
	const char *how = step->cached ? "in the paging-structure cache" : "linked when it was read";
	bool still_linked = step->parent_entry != MMU_NO_HPA && links_to(cpu, step->parent_entry, step);

	/* Still linked: the entry is wrong.  Not any more: it was freed too early. */
	finding_violation(still_linked ? INV_S5 : INV_T3,
			  "vCPU %u, gpa 0x%lx: table at pfn 0x%lx, level %d, %s, is no table page any more "
			  "(kind %d, epoch %u, was %u); root 0x%lx, parent entry at 0x%lx",
			  cpu->vcpu->index, (unsigned long)gpa, (unsigned long)step->table, step->level, how,
			  page ? page->kind : -1, page ? page->epoch : 0, step->epoch, (unsigned long)cpu->context.root,
			  (unsigned long)step->parent_entry);
}

static struct step first_step(const struct cpu *cpu, gpa_t gpa)
{
	int level;
	const struct psc_entry *cached = psc_lookup(cpu, gpa, &level);

	if (cached)
		return (struct step){ cached->table, cached->epoch, level, cached->allowed, true, MMU_NO_HPA };
	return (struct step){
		.table = cpu->context.root >> MMU_PAGE_SHIFT,
		.epoch = page_epoch(cpu->context.root >> MMU_PAGE_SHIFT),
		.level = cpu->context.root_level,
		.allowed = MMU_READ | MMU_WRITE | MMU_EXEC,
		.parent_entry = MMU_NO_HPA,
	};
}

/* False: the entry has changed since it was read. */
static bool set_bits(uint64_t *entry, uint64_t raw, uint64_t set)
{
	return !(set & ~raw) ||
	       __atomic_compare_exchange_n(entry, &raw, raw | set, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* The last entry of a walk that found a leaf: permissions, A, D, log.  False: changed under us. */
static bool finish(struct cpu *cpu, gpa_t gpa, uint32_t needs, uint64_t *entry, uint64_t raw,
		   struct translation *translation, enum walk_result *result)
{
	const struct walk_format *format = format_of(&cpu->context);
	bool tracks = sets_accessed_dirty(cpu);
	bool sets_dirty = tracks && (needs & MMU_WRITE) && !(raw & format->dirty);

	*result = WALK_FAULT;
	if (needs & ~translation->allowed)
		return true;
	*result = WALK_PML_FULL;
	if (sets_dirty && cpu->context.pml && pml_is_full(cpu))
		return true;
	if (tracks && !set_bits(entry, raw, format->accessed | (sets_dirty ? format->dirty : 0)))
		return false;
	if (sets_dirty && cpu->context.pml)
		pml_log(cpu, gpa);
	translation->dirty = !tracks || sets_dirty || (raw & format->dirty);
	*result = WALK_DONE;
	return true;
}

/* One pass from the first table to the leaf.  False: start over. */
static bool walk_once(struct cpu *cpu, gpa_t gpa, uint32_t needs, struct translation *translation,
		      enum walk_result *result)
{
	const struct walk_format *format = format_of(&cpu->context);
	uint64_t filled = model_clock(&cpu->world->model);
	struct step step = first_step(cpu, gpa);

	for (;;) {
		uint64_t *entry = entry_at(step.table, gpa, step.level);
		struct walk_entry decoded;
		uint64_t raw;

		host_point(HOST_POINT_WALK, entry);
		if (!is_table_page(step.table, step.epoch)) {
			report_no_table(cpu, gpa, &step);
			*result = WALK_BROKEN;
			return true;
		}
		raw = load_entry(entry);
		decoded = format->decode(&cpu->config, raw, step.level);
		step.allowed &= decoded.allowed;
		*translation = (struct translation){
			.pfn = decoded.pfn + ((gpa >> MMU_PAGE_SHIFT) & (mmu_level_npages(step.level) - 1)),
			.allowed = step.allowed,
			.level = step.level,
			.filled = filled,
			.leaf = hpa_of(entry),
			.raw = raw,
		};
		switch (decoded.kind) {
		case WALK_ABSENT:
			*result = WALK_FAULT;
			return true;
		case WALK_ILLEGAL:
			*result = WALK_MISCONFIG;
			return true;
		case WALK_LEAF:
			return finish(cpu, gpa, needs, entry, raw, translation, result);
		case WALK_TABLE:
			break;
		}
		if (sets_accessed_dirty(cpu) && !set_bits(entry, raw, format->accessed))
			return false;
		step = (struct step){ decoded.pfn,  page_epoch(decoded.pfn), step.level - 1, step.allowed, false,
				      hpa_of(entry) };
		psc_fill(cpu, gpa, step.level, step.table, step.epoch, step.allowed);
	}
}

enum walk_result cpu_walk(struct cpu *cpu, gpa_t gpa, uint32_t needs, struct translation *translation)
{
	enum walk_result result;

	cpu_count(cpu, CPU_WALKS);
	while (!walk_once(cpu, gpa, needs, translation, &result))
		;
	return result;
}

bool cpu_probe(const struct cpu *cpu, gpa_t gpa, struct translation *translation)
{
	const struct walk_format *format = format_of(&cpu->context);
	mmu_pfn_t table = cpu->context.root >> MMU_PAGE_SHIFT;
	uint32_t allowed = MMU_READ | MMU_WRITE | MMU_EXEC;

	for (int level = cpu->context.root_level; level >= MMU_LEVEL_4K && host_page(table); level--) {
		uint64_t *entry = entry_at(table, gpa, level);
		uint64_t raw = load_entry(entry);
		struct walk_entry decoded = format->decode(&cpu->config, raw, level);

		allowed &= decoded.allowed;
		if (decoded.kind == WALK_LEAF) {
			*translation = (struct translation){
				.pfn = decoded.pfn + ((gpa >> MMU_PAGE_SHIFT) & (mmu_level_npages(level) - 1)),
				.allowed = allowed,
				.level = level,
				.leaf = hpa_of(entry),
				.raw = raw,
			};
			return true;
		}
		if (decoded.kind != WALK_TABLE)
			return false;
		table = decoded.pfn;
	}
	return false;
}
