/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mirror_fixture.h - a VM with private memory whose tables somebody else keeps (external.h), and what has to hold of
 * them.
 */
#ifndef TESTS_UNIT_REFERENCE_MIRROR_FIXTURE_H
#define TESTS_UNIT_REFERENCE_MIRROR_FIXTURE_H

#include "external.h"
#include "vm_fixture.h"

#define SLOTS 3
#define NPAGES 16 /* of a slot */
#define PAGES(n) ((uint64_t)(n) << MMU_PAGE_SHIFT)

/* In tables that have their parents in common, and in some that have only the root. */
static const gfn_t bases[SLOTS] = { 0, 512 * 3, (gfn_t)1 << 27 };

static struct external external;
static int file;

static inline gfn_t gfn_of(uint64_t page)
{
	return bases[page / NPAGES] + page % NPAGES;
}

static inline void set_slot(unsigned int id, bool there)
{
	const struct mmu_slot_request request = {
		.id = id,
		.flags = MMU_SLOT_GMEM,
		.gpa = PAGES(bases[id]),
		.bytes = there ? PAGES(NPAGES) : 0,
		.hva = HVA + PAGES(id * NPAGES),
		.gmem = file,
		.gmem_offset = PAGES(id * NPAGES),
	};

	CHECK(!gmm_slot_set_request(vm, &request, false));
}

static inline void set_private(uint64_t page, uint64_t npages, bool private)
{
	CHECK(!gmm_attributes_set(vm, PAGES(gfn_of(page)), PAGES(npages), private ? MMU_ATTRIBUTE_PRIVATE : 0, 0));
}

/* The second half of each slot is private.  What an event takes is told by the tree alone. */
static inline void begin(void)
{
	vm_begin(MMU_VM_SW_PROTECTED, SLOTS * NPAGES);
	external_init(&external);
	gmm_mirror_init(vm, &external.ops);
	vm->filter_mode = GMM_FILTER_ROOTS;
	file = gmem_create(vm, PAGES(SLOTS * NPAGES), 0);
	CHECK(file >= 0);
	for (unsigned int id = 0; id < SLOTS; id++) {
		set_slot(id, true);
		set_private(id * NPAGES + NPAGES / 2, NPAGES / 2, true);
	}
}

/* Leafs before their table, tables before their parent, and all of them: or external.c would have complained. */
static inline void end(void)
{
	vm_end();
	CHECK(!external_leafs(&external) && !external_tables(&external));
}

static inline int fault(struct mmu_vcpu *by, gfn_t gfn, bool private)
{
	CHECK(!x86_mmu_ready(by));
	return gmm_fault(by, PAGES(gfn), MMU_WRITE | (private ? MMU_PRIVATE : 0), 0, false, NULL);
}

static inline void punch(uint64_t page, uint64_t npages)
{
	const unsigned int mode = MMU_FALLOCATE_PUNCH_HOLE | MMU_FALLOCATE_KEEP_SIZE;

	CHECK(!gmem_fallocate(vm, file, mode, PAGES(page), PAGES(npages)));
}

static inline void zap_all_fast(void)
{
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_zap_all_fast(vm);
	gmm_unlock(&vm->slots_lock);
}

/* ------------------------------------------------------------------------------------------------ what is in a tree */

static inline struct pt_entry at(struct gmm_root *root, gfn_t gfn)
{
	struct pt_iter iter;
	struct pt_entry entry;

	host_rcu_read_lock();
	entry = pt_lookup(&root->tree, gfn, &iter);
	host_rcu_read_unlock();
	return entry;
}

struct counts {
	unsigned int leafs, tables;
};

static bool compare_entry(void *context, mmu_pfn_t table, const struct pt_iter *iter)
{
	struct pt_entry entry = pt_iter_entry(iter);
	struct counts *counts = context;
	uint64_t changes;

	(void)table;
	if (entry.kind == PT_TABLE) {
		CHECK(external_has_table(&external, iter->ipn, iter->level - 1));
		counts->tables++;
		return true;
	}
	CHECK(entry.kind == PT_LEAF && iter->level == MMU_LEVEL_4K);
	CHECK(external_at(&external, iter->ipn, &changes) == entry.opn);
	counts->leafs++;
	return true;
}

/* While nobody changes anything: each entry, and no more than these. */
static inline void compare(struct gmm_root *mirror)
{
	struct counts counts = { 0 };
	const struct pt_visitor visitor = { .entry = compare_entry, .context = &counts };

	host_rcu_read_lock();
	pt_visit(&mirror->tree, &visitor);
	host_rcu_read_unlock();
	CHECK(counts.leafs == external_leafs(&external) && counts.tables == external_tables(&external));
}

/* I-R3, of a role with the bit and of one without. */
static inline void one_valid_root_per_role(void)
{
	for (struct pt_links *one = vm->roots.next; one != &vm->roots; one = one->next) {
		for (struct pt_links *other = one->next; other != &vm->roots; other = other->next) {
			struct gmm_root *a = (struct gmm_root *)((char *)one - offsetof(struct gmm_root, links));
			struct gmm_root *b = (struct gmm_root *)((char *)other - offsetof(struct gmm_root, links));

			CHECK(a->role != b->role || a->invalid || b->invalid);
		}
	}
}

#endif
