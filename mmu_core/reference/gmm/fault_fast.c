// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault_fast.c - faults that one compare-and-exchange puts right, without mmu_lock.
 *
 * Two kinds: a leaf that lost W to the dirty log, and one that lost its permissions so that the next access be
 * noticed. Both say in the entry itself that nobody has to be asked.  The page is marked dirty after the exchange:
 * marked before, a harvest in between would take the mark, find nothing to protect, and the write would be lost
 * (spec.md 3.5).
 */
#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

#define TRIES 5

static unsigned int needed(const struct gmm_fault *fault)
{
	return fault->access & MMU_WRITE ? PT_WRITE : fault->access & MMU_EXEC ? PT_EXEC : PT_READ;
}

static bool is_logged(const struct gmm_slot *slot)
{
	return slot->flags & MMU_SLOT_LOG_DIRTY;
}

/* What the leaf may be given at once. */
static unsigned int to_give(const struct gmm_fault *fault, const struct pt_iter *iter, const struct pt_entry *leaf)
{
	bool tracked = !iter->tree->format->hardware_accessed && !(leaf->attrs & PT_ACCESSED);
	unsigned int give = tracked ? PT_ACCESSED : 0;

	if ((fault->access & MMU_WRITE) && !(leaf->attrs & PT_WRITE) && (leaf->attrs & GMM_MMU_WRITABLE) &&
	    (!(iter->level > 1 && is_logged(fault->slot)) || planted(M_12)))
		give |= PT_WRITE;
	return give;
}

static int try(struct gmm_fault *fault, struct pt_iter *iter)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		struct pt_entry leaf = pt_iter_entry(iter);
		unsigned int give;

		if (leaf.kind != PT_LEAF)
			return GMM_INVALID;
		give = to_give(fault, iter, &leaf);
		if (!give && (leaf.attrs & needed(fault)))
			return GMM_SPURIOUS;
		if (!give || !((leaf.attrs | give) & needed(fault)))
			return GMM_INVALID;
		if (!pt_try_change(iter, give, 0))
			continue;
		if (give & PT_WRITE)
			gmm_mark_dirty(fault->vcpu, fault->slot, planted(M_13) ? fault->gfn ^ 1 : fault->gfn);
		return GMM_FIXED;
	}
	return GMM_RETRY;
}

int gmm_fault_fast(struct gmm_fault *fault)
{
	bool tracks = !fault->vcpu->vm->format.hardware_accessed;
	struct gmm_root *root = gmm_fault_root(fault);
	struct pt_iter iter;
	int outcome;

	if (fault->prefault || root->mirror || !fault->slot || (fault->slot->flags & GMM_SLOT_INVALID))
		return GMM_INVALID;
	if (!(fault->present ? fault->access & MMU_WRITE : tracks))
		return GMM_INVALID;
	host_rcu_read_lock();
	pt_lookup(&root->tree, fault->gfn, &iter);
	outcome = try(fault, &iter);
	host_rcu_read_unlock();
	return outcome;
}
