// SPDX-License-Identifier: GPL-2.0-only
/*
 * visit.c - everything that is in a tree, for those who only look.
 *
 * Believes entries, not headers: what is no page of the core's is not stepped into, because this also shows trees that
 * somebody has spoilt.
 */
#include "pt/parts.h"
#include "sync.h"

static bool is_table_page(mmu_pfn_t pfn)
{
	const struct host_page *page = host_page(pfn);

	return page && __atomic_load_n(&page->kind, __ATOMIC_RELAXED) == HOST_PAGE_CORE;
}

static bool visit_table(const struct pt_visitor *visitor, mmu_pfn_t table, struct pt_iter *at)
{
	const struct pt_format *format = at->tree->format;
	const struct pt_iter here = *at;

	if (visitor->table && !visitor->table(visitor->context, table))
		return false;
	for (uint64_t i = 0; i < pt_nr_entries(format, here.level); i++) {
		struct pt_iter child = here;
		struct pt_entry entry;
		mmu_pfn_t below;

		child.entry = &here.tables[here.level][i];
		child.raw = __atomic_load_n(child.entry, __ATOMIC_RELAXED);
		child.ipn = here.ipn + i * pt_npages(format, here.level);
		if (child.raw == format->empty)
			continue;
		if (visitor->entry && !visitor->entry(visitor->context, table, &child))
			return false;
		entry = pt_iter_entry(&child);
		below = entry.opn << (format->page_shift - MMU_PAGE_SHIFT);
		if (entry.kind != PT_TABLE || child.level == 1 || !is_table_page(below))
			continue;
		child.level--;
		child.tables[child.level] = pt_child_entries(format, entry.opn);
		if (!visit_table(visitor, below, &child))
			return false;
	}
	return true;
}

void pt_visit(struct pt_tree *tree, const struct pt_visitor *visitor)
{
	struct pt_iter at = { .tree = tree, .level = tree->format->levels };

	at.tables[at.level] = pt_entries(tree->root);
	visit_table(visitor, tree->root->pfn, &at);
}
