// SPDX-License-Identifier: GPL-2.0-only
/*
 * entries.c - one entry by itself, and against the place where it stands.
 *
 *  1. S7   an entry is non-present, frozen, MMIO, table or leaf
 *  2. S6   no entry is frozen
 *  3. S8   an MMIO entry stands at level 1 and names its own gfn
 *  4. S2   no reserved bit (format.c, not the core's decoder)
 *  5. S9   the A/D type says what hardware does
 *  6. S5   a table entry has all permissions and leads to a live table
 *  7. S1   writable => MMU-writable => host-writable
 *  8. S10  no hardware permissions => access-tracked, properly
 *  9. S12  NX mitigation => no executable huge leaf
 * 10. G1   alignment, and a level that may hold leafs
 * 11. G6   a huge leaf lies in its slot, whose gfns and hvas agree
 * 12. S3   read-only slot or host page => not host-writable
 * 13. G4   a shared huge leaf is no larger than the host's mapping
 *
 * Not verified: permissions against a guest's own page tables (group W), MMIO generations (O), memory types.
 * Source: spec.md 7.1, 7.9.
 */
#include "harness/invariants/audit.h"

static bool is_aligned(uint64_t number, uint64_t npages)
{
	return (number & (npages - 1)) == 0;
}

static bool is_live_core_page(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return page && page->kind == HOST_PAGE_CORE;
}

static void check_present(struct audit *audit, const struct mmu_entry *entry)
{
	const char *reserved = format_reserved(&audit->format, entry->raw, entry->level, entry->kind == MMU_ENTRY_LEAF);
	uint64_t ad_type = entry->raw & entry->ad_mask;
	uint64_t ad_expected = audit->format.accessed_dirty ? 0 : entry->ad_disabled;

	EXPECT(S2, !reserved, ENTRY_FORMAT ": %s", ENTRY_FACTS(audit, entry), reserved);
	EXPECT(S9, ad_type == ad_expected, ENTRY_FORMAT ": A/D type %#" PRIx64 ", hardware %s",
	       ENTRY_FACTS(audit, entry), ad_type, audit->format.accessed_dirty ? "sets A and D" : "sets neither");
}

static void check_table_entry(struct audit *audit, const struct mmu_entry *entry)
{
	bool full = entry->read && entry->write && entry->exec;
	bool live = is_live_core_page(entry->pfn);

	EXPECT(S5, full && live, ENTRY_FORMAT ": %s%s%s, child page %#" PRIx64 " %s", ENTRY_FACTS(audit, entry),
	       entry->read ? "r" : "-", entry->write ? "w" : "-", entry->exec ? "x" : "-", entry->pfn,
	       live ? "is live" : "is no live page of the core");
}

void entries_entry(struct audit *audit, const struct mmu_entry *entry)
{
	bool mmio = entry->kind == MMU_ENTRY_MMIO;
	bool mmio_in_place = entry->level == MMU_LEVEL_4K && entry->mmio_gfn == entry->gfn;

	EXPECT(S7, entry->kind != MMU_ENTRY_ODD, ENTRY_FORMAT, ENTRY_FACTS(audit, entry));
	EXPECT(S6, entry->kind != MMU_ENTRY_FROZEN, ENTRY_FORMAT, ENTRY_FACTS(audit, entry));
	if (mmio)
		EXPECT(S8, mmio_in_place, ENTRY_FORMAT ": says gfn %#" PRIx64, ENTRY_FACTS(audit, entry),
		       entry->mmio_gfn);
	if (entry->kind == MMU_ENTRY_LEAF || entry->kind == MMU_ENTRY_TABLE)
		check_present(audit, entry);
	if (entry->kind == MMU_ENTRY_TABLE)
		check_table_entry(audit, entry);
}

static void check_permissions(struct audit *audit, const struct mmu_entry *entry)
{
	bool ordered = (!entry->write || entry->mmu_writable) && (!entry->mmu_writable || entry->host_writable);
	bool hardware_present = format_hardware_present(&audit->format, entry->raw);
	bool tracked = !audit->format.accessed_dirty && (entry->raw & entry->saved_mask);
	bool exec_huge = entry->level > MMU_LEVEL_4K && entry->exec;

	EXPECT(S1, ordered, ENTRY_FORMAT ": host %d, mmu %d, w %d", ENTRY_FACTS(audit, entry), entry->host_writable,
	       entry->mmu_writable, entry->write);
	EXPECT(S10, hardware_present || tracked, ENTRY_FORMAT, ENTRY_FACTS(audit, entry));
	EXPECT(S12, !audit->nx_mitigation || !exec_huge, ENTRY_FORMAT, ENTRY_FACTS(audit, entry));
}

static void check_geometry(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct mmu_entry *entry = leaf->entry;
	bool aligned = is_aligned(entry->gfn, leaf->npages) && is_aligned(entry->pfn, leaf->npages);
	bool level_fits = entry->level <= audit->world->core_config.level_max;

	EXPECT(G1, aligned && level_fits, ENTRY_FORMAT ": pfn %#" PRIx64 ", largest level %d",
	       ENTRY_FACTS(audit, entry), entry->pfn, audit->world->core_config.level_max);
}

/* A huge leaf without any slot is I-Z3's. */
static void check_huge_in_slot(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct model_slot_map *map = &leaf->slot->now;
	const struct mmu_entry *entry = leaf->entry;
	bool inside = entry->gfn >= map->base && entry->gfn + leaf->npages <= map->base + map->npages;
	bool agree = is_aligned(map->base ^ (map->hva >> MMU_PAGE_SHIFT), leaf->npages);

	EXPECT(G6, inside && agree, ENTRY_FORMAT ": slot %u [%#" PRIx64 ", %#" PRIx64 ") hva %#lx",
	       ENTRY_FACTS(audit, entry), leaf->slot->id, map->base, map->base + map->npages, map->hva);
}

static void check_host_mapping(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct mmu_entry *entry = leaf->entry;
	bool slot_readonly = leaf->slot->now.flags & MMU_SLOT_READONLY;
	struct host_mm_mapping mapping = { 0 };
	bool mapped = host_mm_lookup(audit->world->mm, leaf->hva, &mapping);
	bool host_readonly = !leaf->from_file && mapped && !mapping.writable;

	EXPECT(S3, !entry->host_writable || !(slot_readonly || host_readonly),
	       ENTRY_FORMAT ": slot %u %s, host page %s", ENTRY_FACTS(audit, entry), leaf->slot->id,
	       slot_readonly ? "read-only" : "writable", host_readonly ? "read-only" : "writable");
	/* No mapping at all is I-Z1's. */
	if (entry->level > MMU_LEVEL_4K && !leaf->from_file && mapped)
		EXPECT(G4, mapping.level >= entry->level, ENTRY_FORMAT ": host maps hva %#lx at level %d",
		       ENTRY_FACTS(audit, entry), leaf->hva, mapping.level);
}

void entries_leaf(struct audit *audit, const struct audit_leaf *leaf)
{
	check_permissions(audit, leaf->entry);
	check_geometry(audit, leaf);
	if (leaf->slot && leaf->entry->level > MMU_LEVEL_4K)
		check_huge_in_slot(audit, leaf);
	if (leaf->slot)
		check_host_mapping(audit, leaf);
}
