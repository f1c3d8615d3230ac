// SPDX-License-Identifier: GPL-2.0-only
/*
 * tables.c - the page tables as the checkers see them: KVM's own reading of each entry, with the raw word beside it.
 *
 * The walk follows the entries, not KVM's lists, because the entries are what the CPU follows.  It believes no more
 * than it has to: levels and gfns come from the position in the walk, and only pages of the core are stepped into.
 * Locking: QUIESCENT use (core.h), so none.
 */
#include "mmu.h"
#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#include "adapter.h"

struct walk {
	struct kvm *kvm;
	mmu_table_visitor visit_table;
	mmu_entry_visitor visit_entry;
	void *context;
};

/* Before TDX made bit 63 part of it, the non-present value was plain zero. */
static __always_inline bool is_nonpresent(u64 raw)
{
#if HAVE_NONPRESENT_VALUE
	return raw == SHADOW_NONPRESENT_VALUE;
#else
	return !raw;
#endif
}

static bool is_frozen(u64 raw)
{
#if HAVE_FROZEN_SPTE
	return is_frozen_spte(raw);
#else
	return is_removed_spte(raw);
#endif
}

static bool is_mmio(struct kvm *kvm, u64 raw)
{
#if HAVE_MMIO_VALUE_PER_VM
	return is_mmio_spte(kvm, raw);
#else
	(void)kvm;
	return is_mmio_spte(raw);
#endif
}

/* Where an MMIO entry keeps its gfn: the bits that the L1TF defence takes are kept further up (spte.h). */
static gfn_t mmio_gfn(u64 raw)
{
	const u64 low = raw & shadow_nonpresent_or_rsvd_lower_gfn_mask;
	const u64 high = raw >> SHADOW_NONPRESENT_OR_RSVD_MASK_LEN & shadow_nonpresent_or_rsvd_mask;

	return (low | high) >> PAGE_SHIFT;
}

static enum mmu_entry_kind entry_kind(struct kvm *kvm, u64 raw, int level)
{
	if (is_nonpresent(raw))
		return MMU_ENTRY_NONE;
	if (is_frozen(raw))
		return MMU_ENTRY_FROZEN;
	if (is_shadow_present_pte(raw))
		return is_last_spte(raw, level) ? MMU_ENTRY_LEAF : MMU_ENTRY_TABLE;
	if (is_mmio(kvm, raw))
		return MMU_ENTRY_MMIO;
	return MMU_ENTRY_ODD;
}

/* As tdp_mmu.c clears it: without A/D bits the right to write stands for the dirty bit. */
static bool is_dirty(u64 raw)
{
	return raw & (spte_ad_enabled(raw) ? shadow_dirty_mask : PT_WRITABLE_MASK);
}

/* Bit 0 is "present" in one format and "readable" in the other; both mean that the CPU may read. */
static void read_present(struct mmu_entry *entry)
{
	const u64 raw = entry->raw;

	entry->pfn = spte_to_pfn(raw);
	entry->read = raw & PT_PRESENT_MASK;
	entry->write = is_writable_pte(raw);
	entry->exec = is_executable_pte(raw);
	entry->host_writable = raw & shadow_host_writable_mask;
	entry->mmu_writable = raw & shadow_mmu_writable_mask;
	entry->ad_mask = SPTE_TDP_AD_MASK;
#if HAVE_SPTE_AD_DISABLED_MASK
	entry->ad_disabled = SPTE_TDP_AD_DISABLED_MASK;
#else
	entry->ad_disabled = SPTE_TDP_AD_DISABLED;
#endif
	if (shadow_acc_track_mask)
		entry->saved_mask = SHADOW_ACC_TRACK_SAVED_BITS_MASK << SHADOW_ACC_TRACK_SAVED_BITS_SHIFT;
	entry->accessed = entry->kind == MMU_ENTRY_LEAF ? is_accessed_spte(raw) : raw & shadow_accessed_mask;
	entry->dirty = entry->kind == MMU_ENTRY_LEAF && is_dirty(raw);
}

static void read_entry(struct kvm *kvm, const u64 *sptep, struct mmu_entry *entry)
{
	entry->address = __pa(sptep);
	entry->kind = entry_kind(kvm, entry->raw, entry->level);
	entry->pfn = MMU_NO_PFN;
	if (entry->kind == MMU_ENTRY_LEAF || entry->kind == MMU_ENTRY_TABLE)
		read_present(entry);
	else if (entry->kind == MMU_ENTRY_MMIO)
		entry->mmio_gfn = mmio_gfn(entry->raw);
}

static void read_nx_split(const struct kvm_mmu_page *sp, struct mmu_table *table)
{
#if HAVE_NX_HUGE_PAGE_DISALLOWED
	table->nx_disallowed = sp->nx_huge_page_disallowed;
	table->on_nx_list = !list_empty(&sp->possible_nx_huge_page_link);
#else
	/* One flag for both: the link is not even initialised while it is off. */
	table->nx_disallowed = sp->lpage_disallowed;
	table->on_nx_list = sp->lpage_disallowed;
#endif
}

/* Only the TDP MMU's tables have exactly one parent, and only theirs are named. */
static void read_header(struct kvm_mmu_page *sp, struct mmu_table *table)
{
	table->level = sp->role.level;
	table->gfn = sp->gfn;
	table->role = adapter_role_word(sp->role);
	table->as_id = kvm_mmu_page_as_id(sp);
	table->invalid = sp->role.invalid;
	table->header_pfn = PHYS_PFN(__pa(sp->spt));
	read_nx_split(sp, table);
	if (!sp->tdp_mmu_page) {
		table->root_count = sp->root_count;
		return;
	}
	table->scheduled_zap = sp->tdp_mmu_scheduled_root_to_zap;
	if (table->is_root)
		table->root_count = refcount_read(&sp->tdp_mmu_root_count);
	else if (sp->ptep)
		table->parent_entry = __pa((u64 *)sp->ptep);
}

/* A table page without a header keeps level 0 and MMU_NO_PFN, which no check can take for right. */
static struct mmu_table read_table(mmu_pfn_t pfn, bool is_root)
{
	struct kvm_mmu_page *sp = to_shadow_page(PFN_PHYS(pfn));
	struct mmu_table table = {
		.pfn = pfn,
		.is_root = is_root,
		.parent_entry = MMU_NO_HPA,
		.header_pfn = MMU_NO_PFN,
	};

	if (sp)
		read_header(sp, &table);
	return table;
}

static bool is_core_page(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return page && READ_ONCE(page->kind) == HOST_PAGE_CORE;
}

/*
 * The next entry that is there, from i on; most are not.  Plain reads: no point of a schedule, since nothing else runs.
 * The arena has no red zones, and this is what an audit does most.
 */
__attribute__((no_sanitize("address", "undefined"))) static int next_entry(const u64 *spt, int i)
{
	while (i < SPTE_ENT_PER_PAGE && is_nonpresent(spt[i]))
		i++;
	return i;
}

static bool walk_table(const struct walk *walk, const struct mmu_table *table, gfn_t gfn, int level)
{
	const u64 *spt = host_pfn_to_va(table->pfn);
	int i;

	if (walk->visit_table && !walk->visit_table(walk->context, table))
		return false;
	for (i = next_entry(spt, 0); i < SPTE_ENT_PER_PAGE; i = next_entry(spt, i + 1)) {
		struct mmu_table child;
		struct mmu_entry entry = {
			.raw = spt[i],
			.level = level,
			.gfn = gfn + i * mmu_level_npages(level),
			.table = table,
		};

		read_entry(walk->kvm, &spt[i], &entry);
		if (walk->visit_entry && !walk->visit_entry(walk->context, &entry))
			return false;
		if (entry.kind != MMU_ENTRY_TABLE || !is_core_page(entry.pfn))
			continue;
		child = read_table(entry.pfn, false);
		if (!walk_table(walk, &child, entry.gfn, level - 1))
			return false;
	}
	return true;
}

static void walk_root(const struct walk *walk, mmu_pfn_t root)
{
	const struct mmu_table table = read_table(root, true);

	if (table.level >= PG_LEVEL_4K && table.level <= PT64_ROOT_MAX_LEVEL)
		walk_table(walk, &table, table.gfn, table.level);
}

void adapter_for_each_root(struct mmu_vm *vm, mmu_table_visitor visitor, void *context)
{
	struct kvm_arch *arch = &vm->kvm->arch;
	struct kvm_mmu_page *sp;
	struct mmu_table table;

	list_for_each_entry(sp, &arch->tdp_mmu_roots, link)
	{
		table = read_table(PHYS_PFN(__pa(sp->spt)), true);
		if (!visitor(context, &table))
			return;
	}
	list_for_each_entry(sp, &arch->active_mmu_pages, link)
	{
		if (!sp->root_count)
			continue;
		table = read_table(PHYS_PFN(__pa(sp->spt)), true);
		if (!visitor(context, &table))
			return;
	}
}

void adapter_for_each_table(struct mmu_vm *vm, mmu_pfn_t root, mmu_table_visitor visitor, void *context)
{
	const struct walk walk = { .kvm = vm->kvm, .visit_table = visitor, .context = context };

	walk_root(&walk, root);
}

void adapter_for_each_entry(struct mmu_vm *vm, mmu_pfn_t root, mmu_entry_visitor visitor, void *context)
{
	const struct walk walk = { .kvm = vm->kvm, .visit_entry = visitor, .context = context };

	walk_root(&walk, root);
}
