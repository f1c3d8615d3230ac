// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock.c - the locks' classes, and what the page tables ask of their owner: book-keeping, flushing, yielding.
 *
 * Whoever walks a range lets go of mmu_lock when somebody waits for it or the CPU is wanted, but never with a flush
 * outstanding: what was zapped may be used until then, and a fault could install something new beside it.
 */
#include "gmm/gmm.h"
#include "sync.h"

const struct host_lock_class gmm_vm_class = { .name = "vm.lock", .rank = 10, .sleeps = true };
const struct host_lock_class gmm_vcpu_class = { .name = "vcpu.mutex", .rank = 20, .sleeps = true };
const struct host_lock_class gmm_slots_class = { .name = "slots_lock", .rank = 30, .sleeps = true };
const struct host_lock_class gmm_file_class = { .name = "gmem_file.lock", .rank = 44, .sleeps = true };
const struct host_lock_class gmm_files_class = { .name = "files_lock", .rank = 46, .sleeps = true };
const struct host_lock_class gmm_window_class = { .name = "window_lock", .rank = 50 };
const struct host_lock_class gmm_mmu_class = { .name = "mmu_lock", .rank = 60 };
const struct host_lock_class gmm_pages_class = { .name = "pages_lock", .rank = 70 };
const struct host_lock_class gmm_cache_class = { .name = "cache_lock", .rank = 48, .sleeps = true };
const struct host_lock_class gmm_ring_class = { .name = "ring.take_lock", .rank = 25, .sleeps = true };

static enum host_lock_mode held_as(enum pt_mode mode)
{
	return mode == PT_SHARED ? HOST_LOCK_SHARED : HOST_LOCK_EXCLUSIVE;
}

void gmm_mmu_lock(struct mmu_vm *vm, enum pt_mode mode)
{
	host_lock_acquire(&vm->mmu_lock, held_as(mode), &vm->mmu_lock, &gmm_mmu_class);
}

void gmm_mmu_unlock(struct mmu_vm *vm, enum pt_mode mode)
{
	host_lock_release(&vm->mmu_lock, held_as(mode), &vm->mmu_lock);
}

void gmm_bug(struct mmu_vm *vm, const char *file, int line, const char *what)
{
	sync_store(&vm->bugged, true);
	host_report(HOST_REPORT_WARN, file, line, "reference core: %s", what);
}

static void changed(struct pt_tree *tree, const struct pt_change *change)
{
	struct mmu_vm *vm = gmm_root_of(tree)->vm;
	struct pt_entry old = pt_decode(tree->format, change->old, change->level);
	struct pt_entry new = pt_decode(tree->format, change->new, change->level);

	if (old.kind == PT_LEAF && (old.attrs & PT_WRITE) && !(new.kind == PT_LEAF && (new.attrs &PT_WRITE)))
		gmm_cache_written(vm, old.opn, pt_npages(tree->format, change->level));
	if (old.kind == PT_LEAF && new.kind == PT_LEAF)
		GMM_BUG_ON(vm, old.opn != new.opn);
	else if (old.kind == PT_LEAF || new.kind == PT_LEAF)
		sync_add(&vm->leafs[change->level], new.kind == PT_LEAF ? 1 : -1);
}

static void linked(struct pt_tree *tree, struct pt_table *table)
{
	(void)table;
	sync_add(&gmm_root_of(tree)->vm->tables, 1);
}

static void unlinked(struct pt_tree *tree, struct pt_table *table)
{
	struct mmu_vm *vm = gmm_root_of(tree)->vm;

	sync_add(&vm->tables, -1);
	if (vm->arch->unlinked)
		vm->arch->unlinked(vm, table);
}

/* What the NX mitigation takes from large leafs it leaves to small ones (spec.md I-G5). */
static unsigned int split_attrs(struct pt_tree *tree, unsigned int attrs, unsigned int level)
{
	const struct mmu_vm *vm = gmm_root_of(tree)->vm;
	bool may_execute = level == MMU_LEVEL_4K || !vm->arch->nx_huge_pages || !vm->arch->nx_huge_pages(vm);

	return may_execute ? attrs | PT_EXEC : attrs;
}

/* By all translations: the CPU can forget one root's, not those of a range. */
static void flush(struct pt_tree *tree, uint64_t ipn, uint64_t npages)
{
	(void)ipn, (void)npages;
	gmm_flush(gmm_root_of(tree)->vm);
}

static bool wants_yield(struct pt_tree *tree)
{
	return host_resched_wanted() || host_lock_contended(&gmm_root_of(tree)->vm->mmu_lock);
}

static void yield(struct pt_tree *tree, enum pt_mode mode)
{
	struct mmu_vm *vm = gmm_root_of(tree)->vm;

	gmm_mmu_unlock(vm, mode);
	host_yield();
	gmm_mmu_lock(vm, mode);
}

const struct pt_hooks gmm_pt_hooks = {
	.changed = changed,
	.linked = linked,
	.unlinked = unlinked,
	.flush = flush,
	.split_attrs = split_attrs,
	.wants_yield = wants_yield,
	.yield = yield,
};
