// SPDX-License-Identifier: GPL-2.0-only
/*
 * nx.c - no executable leaf above 4K, for CPUs that a machine check stops when they fetch from one that changes.
 *
 * A fetch from a large page makes it a table, executable page by page.  Such tables cost memory, so a recovery pass
 * takes them away from time to time: the page becomes large again, and not executable, until the next fetch.
 *
 * A table is listed when its link is in place, and another thread may have unlinked it by then: pages_lock decides, and
 * an unlinked table has lost its mark.
 * Source: spec.md 3.11, S4.3, S4.4, I-N1 to I-N4.
 */
#include "arch/x86/x86.h"
#include "plant.h"
#include "sync.h"

bool x86_nx_huge_pages;

bool x86_nx_enabled(const struct mmu_vm *vm)
{
	return !vm->nx_disabled && sync_load(&x86_nx_huge_pages);
}

static uint16_t flags_of(const struct pt_table *table)
{
	return __atomic_load_n(&table->flags, __ATOMIC_RELAXED);
}

/* What was split for a fetch stays split for reads and writes, or the two would take turns. */
void x86_nx_adjust_level(struct gmm_fault *fault, struct pt_mapping *mapping, const struct pt_iter *iter)
{
	struct pt_entry entry = pt_iter_entry(iter);

	if (iter->level != mapping->level || iter->level == MMU_LEVEL_4K || entry.kind != PT_TABLE)
		return;
	if (x86_nx_enabled(fault->vcpu->vm) && (flags_of(pt_child(iter->tree->format, entry.opn)) & X86_NX_SPLIT))
		mapping->level--;
}

void x86_nx_before_link(struct gmm_fault *fault, struct pt_table *table)
{
	__atomic_store_n(&table->flags, fault->nx_split ? X86_NX_SPLIT : 0, __ATOMIC_RELAXED);
}

/* Tables above the level that was wanted had to be there anyway. */
void x86_nx_after_link(struct gmm_fault *fault, struct pt_table *table)
{
	struct mmu_vm *vm = fault->vcpu->vm;

	if (!fault->nx_split || fault->level_wanted < table->level + 1u)
		return;
	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	if (flags_of(table) & X86_NX_SPLIT) {
		__atomic_store_n(&table->flags, X86_NX_SPLIT | X86_NX_LISTED, __ATOMIC_RELAXED);
		table->links.prev = vm->nx_tables.prev;
		table->links.next = &vm->nx_tables;
		vm->nx_tables.prev->next = &table->links;
		vm->nx_tables.prev = &table->links;
		vm->nx_count++;
	}
	gmm_unlock(&vm->pages_lock);
}

static void unlist(struct mmu_vm *vm, struct pt_table *table)
{
	table->links.prev->next = table->links.next;
	table->links.next->prev = table->links.prev;
	vm->nx_count--;
}

void x86_nx_unlinked(struct mmu_vm *vm, struct pt_table *table)
{
	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	if (flags_of(table) & X86_NX_LISTED)
		unlist(vm, table);
	__atomic_store_n(&table->flags, 0, __ATOMIC_RELAXED);
	gmm_unlock(&vm->pages_lock);
}

static struct pt_table *first_listed(struct mmu_vm *vm)
{
	struct pt_links *links = vm->nx_tables.next;

	return links == &vm->nx_tables ? NULL : (struct pt_table *)((char *)links - offsetof(struct pt_table, links));
}

/* It would be split again at once for the log: no longer waits to be recovered, that is all. */
static void forget(struct mmu_vm *vm, struct pt_table *table)
{
	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	unlist(vm, table);
	__atomic_store_n(&table->flags, X86_NX_SPLIT, __ATOMIC_RELAXED);
	gmm_unlock(&vm->pages_lock);
}

static bool is_logged(struct mmu_vm *vm, const struct pt_table *table)
{
	struct gmm_slot *slot = gmm_slot_seen(vm, gmm_root_of(table->tree)->mode, table->ipn);

	return slot && (slot->flags & MMU_SLOT_LOG_DIRTY);
}

void x86_nx_recover(struct mmu_vm *vm)
{
	int index = host_srcu_read_lock(vm->srcu);
	struct pt_table *table;
	bool flush = false;

	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	/* Nobody adds to the list while mmu_lock is held for writing. */
	while ((table = first_listed(vm))) {
		if (is_logged(vm, table)) {
			forget(vm, table);
			continue;
		}
		pt_unlink(table);
		flush = true;
	}
	if (flush && !planted(M_3))
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	host_srcu_read_unlock(vm->srcu, index);
}
