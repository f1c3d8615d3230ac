// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty.c - leafs of dirty-logged slots.
 *
 *  1. D3  no writable leaf above level 1; where everything counted as dirty at first, pages are only protected as they
 *         are cleared, and rule 2 has such leafs
 *  2. D4  a page that can be written without a fault has its bit set; with page-modification logging: a page whose
 *         entry says dirty has its bit set or stands in a vCPU's buffer
 *
 * Not verified: rule 2 for rings, whose entries the port does not show (D8); stale writable translations (I-T4, the
 * simulated CPU); that each write is reported in the end (I-D1: world_check_dirty(), world_migration_end()).
 * Source: spec.md 7.8, 3.9.
 */
#include "harness/invariants/audit.h"

static bool in_a_log_buffer(const struct audit *audit, gfn_t gfn)
{
	for (unsigned int i = 0; i < audit->world->vcpus; i++) {
		const struct pml *pml = &audit->world->vcpu[i]->cpu.pml;

		for (unsigned int j = 0; j < pml->count; j++)
			if (pml->gpa[j] >> MMU_PAGE_SHIFT == gfn)
				return true;
	}
	return false;
}

static void check_bits(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct mmu_entry *entry = leaf->entry;
	uint64_t bits = 0;

	for (uint64_t i = 0; i < leaf->npages; i++) {
		gfn_t gfn = entry->gfn + i;
		uint64_t offset = gfn - leaf->slot->now.base;
		bool logged;

		if (!i || offset % 64 == 0)
			bits = audit->core->slot_dirty_word(audit->vm, leaf->as_id, leaf->slot->id, offset / 64);
		logged = bits >> offset % 64 & 1;
		if (!logged && audit->world->core_config.pml)
			logged = in_a_log_buffer(audit, gfn);
		EXPECT(D4, logged, ENTRY_FORMAT ": slot %u page %#" PRIx64 " has no dirty bit%s",
		       ENTRY_FACTS(audit, entry), leaf->slot->id, offset, world_dirty_place(leaf->slot, offset));
		if (!logged)
			return;
	}
}

void dirty_leaf(struct audit *audit, const struct audit_leaf *leaf)
{
	const struct mmu_vm_config *config = &audit->world->vm_config;
	const struct mmu_entry *entry = leaf->entry;
	/* Without PML a leaf that is writable needs no fault; with it, D is set by the write that is logged. */
	bool silent = audit->world->core_config.pml ? entry->write && entry->dirty : entry->write;

	if (!leaf->slot || (leaf->slot->now.flags & (MMU_SLOT_LOG_DIRTY | MMU_SLOT_READONLY)) != MMU_SLOT_LOG_DIRTY)
		return;
	if (!leaf->slot->log_initially_set)
		EXPECT(D3, entry->level == MMU_LEVEL_4K || !entry->write, ENTRY_FORMAT ": slot %u is logged",
		       ENTRY_FACTS(audit, entry), leaf->slot->id);
	if (silent && !config->dirty_ring_bytes && (leaf->slot->log_initially_set || entry->level == MMU_LEVEL_4K))
		check_bits(audit, leaf);
}
