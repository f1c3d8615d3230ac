// SPDX-License-Identifier: GPL-2.0-only
/*
 * roots.c - the trees of a VM: one for each role, shared by all vCPUs that want it.
 *
 * A root is referenced by each vCPU that has loaded it, by whoever iterates, and by the VM while it may be found.  To
 * get rid of everything quickly, all roots are marked invalid at once and vCPUs are sent to get new ones; then the
 * old ones are emptied at leisure, under mmu_lock held for reading, and the VM's reference goes.  Mirrors (mirror.h)
 * live as long as the VM.
 * Locking: the list: pages_lock.  The marks: mmu_lock held for writing, so that one who holds it can rely on them.
 * Source:  spec.md 3.2, 3.6.
 */
#include <errno.h>

#include "gmm/mirror.h"
#include "plant.h"
#include "sync.h"

static struct gmm_root *root_of(struct pt_links *links)
{
	return (struct gmm_root *)((char *)links - offsetof(struct gmm_root, links));
}

static void grace_period_is_over(struct host_rcu_head *head)
{
	host_free((char *)head - offsetof(struct gmm_root, rcu));
}

void gmm_root_put(struct gmm_root *root)
{
	struct mmu_vm *vm = root->vm;

	CORE_ASSERT(host_lock_held(&vm->mmu_lock, HOST_LOCK_SHARED));
	if (sync_add(&root->count, -1))
		return;
	GMM_BUG_ON(vm, !root->invalid);
	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	root->links.prev->next = root->links.next;
	root->links.next->prev = root->links.prev;
	gmm_unlock(&vm->pages_lock);
	pt_tree_destroy(&root->tree);
	host_rcu_call(&root->rcu, grace_period_is_over);
}

struct gmm_root *gmm_root_next(struct mmu_vm *vm, struct gmm_root *root, int as_id, bool invalid_too)
{
	struct gmm_root *next = NULL;
	struct pt_links *links;

	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	for (links = root ? root->links.next : vm->roots.next; links != &vm->roots && !next; links = links->next) {
		struct gmm_root *candidate = root_of(links);

		if ((as_id < 0 || (candidate->sets >> as_id & 1)) && (invalid_too || !candidate->invalid)) {
			sync_add(&candidate->count, 1);
			next = candidate;
		}
	}
	gmm_unlock(&vm->pages_lock);
	if (root)
		gmm_root_put(root);
	return next;
}

static struct gmm_root *find(struct mmu_vm *vm, uint32_t role)
{
	for (struct pt_links *links = vm->roots.next; links != &vm->roots; links = links->next) {
		struct gmm_root *root = root_of(links);

		if (root->role == role && !root->invalid)
			return root;
	}
	return NULL;
}

/* What somebody else has made meanwhile is taken instead of @fresh. */
static struct gmm_root *find_or_add(struct mmu_vm *vm, uint32_t role, struct gmm_root *fresh)
{
	struct gmm_root *root;

	gmm_lock(&vm->pages_lock, &gmm_pages_class);
	root = find(vm, role);
	if (!root && fresh) {
		root = fresh;
		root->count = 1; /* the VM's */
		root->links.next = vm->roots.next;
		root->links.prev = &vm->roots;
		vm->roots.next->prev = &root->links;
		vm->roots.next = &root->links;
	}
	if (root)
		sync_add(&root->count, 1);
	gmm_unlock(&vm->pages_lock);
	return root;
}

static struct gmm_root *make(struct mmu_vm *vm, uint32_t role)
{
	struct gmm_root *root = host_alloc(sizeof(*root), 0, HOST_ALLOC_ZERO);

	if (!root)
		return NULL;
	root->vm = vm;
	root->role = role;
	root->mode = vm->arch->mode_of_role(role);
	root->sets = vm->vis.seen[root->mode];
	root->mirror = role & vm->arch->mirror_role;
	if (pt_tree_init(&root->tree, &vm->format, &gmm_pt_hooks, role)) {
		host_free(root);
		return NULL;
	}
	root->tree.agree = root->mirror ? gmm_mirror_agree : NULL;
	return root;
}

/* With a reference.  NULL: no memory. */
static struct gmm_root *get(struct mmu_vm *vm, uint32_t role)
{
	struct gmm_root *root, *fresh = NULL;

	gmm_mmu_lock(vm, PT_SHARED);
	root = find_or_add(vm, role, NULL);
	gmm_mmu_unlock(vm, PT_SHARED);
	if (!root) {
		fresh = make(vm, role);
		if (!fresh)
			return NULL;
		gmm_mmu_lock(vm, PT_SHARED);
		root = find_or_add(vm, role, fresh);
		gmm_mmu_unlock(vm, PT_SHARED);
	}
	if (fresh && root != fresh) {
		pt_tree_destroy(&fresh->tree);
		host_free(fresh);
	}
	return root;
}

int gmm_root_load(struct mmu_vcpu *vcpu)
{
	struct mmu_vm *vm = vcpu->vm;

	CORE_ASSERT(!vcpu->root && !vcpu->mirror_root);
	vcpu->root = get(vm, vcpu->role);
	if (vcpu->root && vm->external)
		vcpu->mirror_root = get(vm, vcpu->role | vm->arch->mirror_role);
	if (!vcpu->root || (vm->external && !vcpu->mirror_root)) {
		gmm_root_drop(vcpu);
		return -ENOMEM;
	}
	vcpu->root_is_new = true;
	return 0;
}

void gmm_root_drop(struct mmu_vcpu *vcpu)
{
	struct mmu_vm *vm = vcpu->vm;

	if (!vcpu->root)
		return;
	gmm_mmu_lock(vm, PT_SHARED);
	if (!planted(M_21) || !vcpu->root->invalid)
		gmm_root_put(vcpu->root);
	if (vcpu->mirror_root)
		gmm_root_put(vcpu->mirror_root);
	gmm_mmu_unlock(vm, PT_SHARED);
	vcpu->root = vcpu->mirror_root = NULL;
}

void gmm_role_set(struct mmu_vcpu *vcpu, uint32_t role)
{
	gmm_root_drop(vcpu);
	vcpu->role = role;
	vcpu->last_slot = NULL;
}

/* ---------------------------------------------------------------------------------------------------- getting rid */

/* Small ones first: freeing a gigabyte of tables in one go would keep everybody waiting. */
static void empty(struct gmm_root *root, enum pt_mode mode)
{
	for (unsigned int level = 1; level <= root->tree.format->levels; level++)
		pt_clear(&root->tree, level, mode);
}

void gmm_roots_invalidate(struct mmu_vm *vm, bool mirrors)
{
	CORE_ASSERT(host_lock_held(&vm->slots_lock, HOST_LOCK_EXCLUSIVE));
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	gmm_for_each_root(root, vm, -1, false)
	{
		if (root->mirror != mirrors)
			continue;
		root->invalid = true;
		root->scheduled = true;
	}
	gmm_request_all(vm, GMM_REQUEST_FREE_OBSOLETE_ROOTS);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

/* No flush: nobody enters on an invalid root again, and whoever gets a new one flushes for it. */
void gmm_roots_empty(struct mmu_vm *vm, bool mirrors)
{
	enum pt_mode mode = mirrors ? PT_EXCLUSIVE : PT_SHARED; /* mirror.h */

	gmm_mmu_lock(vm, mode);
	gmm_for_each_root(root, vm, -1, true)
	{
		if (!root->scheduled || root->mirror != mirrors)
			continue;
		empty(root, mode);
		root->scheduled = false;
		gmm_root_put(root); /* the VM's; the iterator has one */
	}
	gmm_mmu_unlock(vm, mode);
}

void gmm_zap_all_fast(struct mmu_vm *vm)
{
	gmm_roots_invalidate(vm, false);
	gmm_roots_empty(vm, false);
}

void gmm_zap_everything(struct mmu_vm *vm)
{
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	gmm_for_each_root(root, vm, -1, true)
	{
		if (gmm_root_has(root, GMM_SHARED))
			pt_clear(&root->tree, vm->format.levels, PT_EXCLUSIVE);
	}
	gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

void gmm_roots_destroy(struct mmu_vm *vm)
{
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_zap_all_fast(vm);
	gmm_roots_invalidate(vm, true);
	gmm_roots_empty(vm, true);
	gmm_unlock(&vm->slots_lock);
	CORE_ASSERT(vm->roots.next == &vm->roots);
}
