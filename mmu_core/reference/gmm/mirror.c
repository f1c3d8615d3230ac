// SPDX-License-Identifier: GPL-2.0-only
/* mirror.c - see mirror.h. */
#include "gmm/mirror.h"

#include "plant.h"

void gmm_mirror_init(struct mmu_vm *vm, const struct gmm_external *external)
{
	CORE_ASSERT(vm->has_private && vm->arch->mirror_role && vm->roots.next == &vm->roots);
	vm->kind = GMM_KIND_TDX;
	vm->external = external;
}

bool gmm_root_has(const struct gmm_root *root, unsigned int filter)
{
	if (!root->vm->external || (root->invalid && planted(M_23)))
		return true;
	return filter & (root->mirror ? GMM_PRIVATE : GMM_SHARED);
}

static int put_in(const struct gmm_external *external, const struct pt_change *change, const struct pt_entry *new)
{
	if (new->kind == PT_TABLE)
		return external->link(external->context, change->ipn, change->level - 1);
	return external->set(external->context, change->ipn, new->opn);
}

static int take_away(const struct gmm_external *external, const struct pt_change *change, const struct pt_entry *old)
{
	if (old->kind == PT_TABLE)
		return external->free(external->context, change->ipn, change->level - 1);
	return external->remove(external->context, change->ipn, old->opn);
}

bool gmm_mirror_agree(struct pt_tree *tree, const struct pt_change *change)
{
	struct mmu_vm *vm = gmm_root_of(tree)->vm;
	struct pt_entry old = pt_decode(tree->format, change->old, change->level);
	struct pt_entry new = pt_decode(tree->format, change->new, change->level);

	if (pt_is_live(new.kind)) {
		GMM_BUG_ON(vm, new.kind == PT_LEAF && change->level != MMU_LEVEL_4K);
		return !put_in(vm->external, change, &new);
	}
	if (pt_is_live(old.kind)) {
		int refused = take_away(vm->external, change, &old);

		GMM_BUG_ON(vm, refused || !host_lock_held(&vm->mmu_lock, HOST_LOCK_EXCLUSIVE));
	}
	return true;
}
