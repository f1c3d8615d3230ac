// SPDX-License-Identifier: GPL-2.0-only
/*
 * view.c - what the checkers may see.
 *
 * Locking: QUIESCENT use (core.h), so none, but what accessors ask for.
 */
#include "adapter/adapter.h"

/* The bits in which EPT entries say how A and D are used, and where they keep R and X (pt/x86_ept.c). */
#define EPT_AD_MASK ((uint64_t)3 << 52)
#define EPT_AD_OFF ((uint64_t)1 << 52)
#define EPT_SAVED_MASK ((uint64_t)5 << 54)

static struct mmu_table read_table(const struct gmm_root *root, struct pt_table *header, mmu_pfn_t pfn)
{
	bool is_root = header == root->tree.root;
	struct mmu_table table = {
		.pfn = pfn,
		.level = header->level,
		.gfn = header->ipn,
		.role = (header->tag & ~0xfu) | header->level,
		.as_id = root->vm->arch->mode_of_role(header->tag),
		.is_root = is_root,
		.invalid = is_root && root->invalid,
		.scheduled_zap = is_root && root->scheduled,
		.root_count = is_root ? root->count : 0,
		.parent_entry = header->parent ? (uintptr_t)header->parent - HOST_ARENA_BASE : MMU_NO_HPA,
		.nx_disallowed = header->flags & X86_NX_SPLIT,
		.on_nx_list = header->flags & X86_NX_LISTED,
		.header_pfn = header->pfn,
	};

	return table;
}

struct walk {
	struct gmm_root *root;
	mmu_table_visitor table;
	mmu_entry_visitor entry;
	void *context;
	struct mmu_table current; /* that the entries stand in */
};

/* The page is what the entry above it says; the header is what the page's own word leads to. */
static struct mmu_table table_at(const struct walk *walk, mmu_pfn_t pfn)
{
	struct pt_table *header = pt_table_at(pfn);

	if (header)
		return read_table(walk->root, header, pfn);
	return (struct mmu_table){ .pfn = pfn, .parent_entry = MMU_NO_HPA, .header_pfn = MMU_NO_PFN };
}

static void read_leaf(const struct gmm_root *root, const struct pt_entry *from, struct mmu_entry *entry)
{
	entry->read = from->attrs & PT_READ;
	entry->write = from->attrs & PT_WRITE;
	entry->exec = from->attrs & PT_EXEC;
	entry->accessed = from->attrs & PT_ACCESSED;
	entry->dirty = from->attrs & PT_DIRTY;
	entry->host_writable = from->attrs & GMM_HOST_WRITABLE;
	entry->mmu_writable = from->attrs & GMM_MMU_WRITABLE;
	/* What hardware may do: a leaf that waits for its first access permits nothing. */
	if (!root->tree.format->hardware_accessed && !entry->accessed)
		entry->read = entry->write = entry->exec = false;
}

static struct mmu_entry read_entry(const struct walk *walk, const struct pt_iter *at)
{
	static const enum mmu_entry_kind kinds[] = {
		[PT_EMPTY] = MMU_ENTRY_NONE, [PT_FROZEN] = MMU_ENTRY_FROZEN, [PT_TABLE] = MMU_ENTRY_TABLE,
		[PT_LEAF] = MMU_ENTRY_LEAF,  [PT_NOTE] = MMU_ENTRY_MMIO,     [PT_ILLEGAL] = MMU_ENTRY_ODD,
	};
	struct pt_entry from = pt_iter_entry(at);
	struct mmu_entry entry = {
		.kind = kinds[from.kind],
		.level = at->level,
		.gfn = at->ipn,
		.address = (uintptr_t)at->entry - HOST_ARENA_BASE,
		.raw = at->raw,
		.pfn = MMU_NO_PFN,
		.table = &walk->current,
	};

	if (from.kind == PT_NOTE)
		entry.mmio_gfn = gmm_mmio_gfn(from.note);
	if (from.kind != PT_LEAF && from.kind != PT_TABLE)
		return entry;
	entry.pfn = from.opn;
	if (walk->root->vm->config.paging == MMU_PAGING_EPT) {
		entry.ad_mask = EPT_AD_MASK;
		entry.ad_disabled = EPT_AD_OFF;
		entry.saved_mask = walk->root->tree.format->hardware_accessed ? 0 : EPT_SAVED_MASK;
	}
	if (from.kind == PT_LEAF)
		read_leaf(walk->root, &from, &entry);
	else /* bits 0 to 2 permit, in both formats; NX is never set in a table entry */
		entry.read = at->raw & 1, entry.write = at->raw & 2, entry.exec = at->raw & 4;
	return entry;
}

static bool visit_table(void *context, mmu_pfn_t pfn)
{
	struct walk *walk = context;

	walk->current = table_at(walk, pfn);
	return !walk->table || walk->table(walk->context, &walk->current);
}

static bool visit_entry(void *context, mmu_pfn_t table, const struct pt_iter *at)
{
	struct walk *walk = context;
	struct mmu_entry entry;

	if (!walk->entry)
		return true;
	if (walk->current.pfn != table)
		walk->current = table_at(walk, table);
	entry = read_entry(walk, at);
	return walk->entry(walk->context, &entry);
}

static struct gmm_root *find_root(struct mmu_vm *vm, mmu_pfn_t pfn)
{
	for (struct pt_links *links = vm->roots.next; links != &vm->roots; links = links->next) {
		struct gmm_root *root = (struct gmm_root *)((char *)links - offsetof(struct gmm_root, links));

		if (root->tree.root->pfn == pfn)
			return root;
	}
	return NULL;
}

static void walk_root(struct mmu_vm *vm, mmu_pfn_t pfn, struct walk *walk)
{
	const struct pt_visitor visitor = { .table = visit_table, .entry = visit_entry, .context = walk };

	walk->root = find_root(vm, pfn);
	if (walk->root)
		pt_visit(&walk->root->tree, &visitor);
}

void reference_for_each_root(struct mmu_vm *vm, mmu_table_visitor visitor, void *context)
{
	for (struct pt_links *links = vm->roots.next; links != &vm->roots; links = links->next) {
		struct gmm_root *root = (struct gmm_root *)((char *)links - offsetof(struct gmm_root, links));
		struct mmu_table table = read_table(root, root->tree.root, root->tree.root->pfn);

		if (!visitor(context, &table))
			return;
	}
}

void reference_for_each_table(struct mmu_vm *vm, mmu_pfn_t root, mmu_table_visitor visitor, void *context)
{
	struct walk walk = { .table = visitor, .context = context };

	walk_root(vm, root, &walk);
}

void reference_for_each_entry(struct mmu_vm *vm, mmu_pfn_t root, mmu_entry_visitor visitor, void *context)
{
	struct walk walk = { .entry = visitor, .context = context };

	walk_root(vm, root, &walk);
}

/* ----------------------------------------------------------------------------------------------------------- slots */

static struct mmu_slot read_slot(const struct gmm_slot *slot)
{
	return (struct mmu_slot){
		.as_id = slot->as_id,
		.id = slot->id,
		.flags = slot->flags & ~GMM_SLOT_INVALID,
		.invalid = slot->flags & GMM_SLOT_INVALID,
		.base = slot->base,
		.npages = slot->npages,
		.hva = slot->hva,
		.gmem_page_offset = slot->file_page,
		.gmem_bound = slot->file,
		.has_dirty_bitmap = slot->dirty,
	};
}

void reference_for_each_slot(struct mmu_vm *vm, bool active, mmu_slot_visitor visitor, void *context)
{
	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slots *slots = &vm->slots[as_id];
		struct gmm_slot_set *set = active ? slots->active : &slots->set[slots->active == &slots->set[0]];

		for (uint32_t i = set->count; i-- > 0;) {
			const struct mmu_slot slot = read_slot(set->array[i]);

			if (!visitor(context, &slot))
				return;
		}
	}
}

uint64_t reference_slot_dirty_word(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t word)
{
	int index = host_srcu_read_lock(vm->srcu);
	const struct gmm_slot *slot = gmm_slot_by_id(vm, as_id, id);
	uint64_t dirty = 0;

	if (slot && slot->dirty && word < (slot->npages + 63) / 64)
		dirty = slot->dirty[word];
	host_srcu_read_unlock(vm->srcu, index);
	return dirty;
}

bool reference_frame_mixed(struct mmu_vm *vm, uint16_t as_id, gfn_t gfn, int level, bool *known)
{
	int index = host_srcu_read_lock(vm->srcu);
	uint64_t npages = mmu_level_npages(level);
	gfn_t frame = gfn & ~(npages - 1);
	const struct gmm_slot *slot = gmm_slot_find(vm, as_id, frame);
	bool mixed = false;

	*known = slot && vm->has_private && frame + npages <= slot->base + slot->npages;
	if (*known)
		mixed = slot->frame[level - MMU_LEVEL_2M][frame / npages - slot->base / npages] & GMM_FRAME_MIXED;
	host_srcu_read_unlock(vm->srcu, index);
	return mixed;
}

void reference_vcpu_view(struct mmu_vcpu *vcpu, struct mmu_vcpu_view *view)
{
	const struct gmm_root *root = vcpu->root;

	*view = (struct mmu_vcpu_view){
		.root = root ? (mmu_hpa_t)root->tree.root->pfn << MMU_PAGE_SHIFT : MMU_NO_HPA,
		.root_role = root ? root->tree.root->tag : 0,
		.mmu_role = vcpu->role,
		.root_invalid = root && root->invalid,
		.in_smm = vcpu->in_smm,
		.as_id = vis_mode(vcpu),
	};
}

/* -------------------------------------------------------------------------------------------------------- counters */

static int64_t list_length(const struct pt_links *head)
{
	int64_t length = 0;

	for (const struct pt_links *links = head->next; links != head; links = links->next)
		length++;
	return length;
}

int64_t reference_counter(struct mmu_vm *vm, enum mmu_counter counter)
{
	switch (counter) {
	case MMU_COUNTER_TDP_PAGES:
		return vm->tables;
	case MMU_COUNTER_LEAFS_4K:
	case MMU_COUNTER_LEAFS_2M:
	case MMU_COUNTER_LEAFS_1G:
		return vm->leafs[MMU_LEVEL_4K + counter - MMU_COUNTER_LEAFS_4K];
	case MMU_COUNTER_NX_SPLITS:
		return vm->nx_count;
	case MMU_COUNTER_NX_LIST:
		return list_length(&vm->nx_tables);
	case MMU_COUNTER_INVALIDATE_SEQ:
		return __atomic_load_n(&vm->seq, __ATOMIC_RELAXED);
	case MMU_COUNTER_INVALIDATE_IN_PROGRESS:
		return __atomic_load_n(&vm->in_progress, __ATOMIC_RELAXED);
	case MMU_COUNTER_NOTIFIERS_ACTIVE:
		return vm->windows;
	case MMU_COUNTER_SLOT_PAGES:
		return vm->slot_npages;
	case MMU_COUNTER_SLOTS_DIRTY_LOGGED:
		return vm->slots_logged;
	case MMU_COUNTER_GENERATION_0:
	case MMU_COUNTER_GENERATION_1:
		if (counter - MMU_COUNTER_GENERATION_0 < vm->nr_as)
			return vm->slots[counter - MMU_COUNTER_GENERATION_0].active->generation;
		break;
	case MMU_COUNTER_REMOTE_FLUSHES:
		return __atomic_load_n(&vm->remote_flushes, __ATOMIC_RELAXED);
	case MMU_COUNTER_BUGGED:
		return vm->bugged;
	case MMU_COUNTER_NX_MITIGATION:
		return x86_nx_enabled(vm);
	case MMU_COUNTER_DEAD:
		return reference_is_dead(vm);
	case MMU_COUNTER_SHADOW_PAGES_USED:
	case MMU_COUNTERS:
		break;
	}
	return MMU_COUNTER_ABSENT;
}
