// SPDX-License-Identifier: GPL-2.0-only
/*
 * mirror_test.c - private memory whose tables somebody else keeps (external.h): the mirror says the same as they do,
 * whatever happens, and nothing reaches it that is about the other kind of memory.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include <errno.h>

#include "../host_child.h"
#include "arch/x86/role.h"
#include "external.h"
#include "vm_fixture.h"

#define SLOTS 3
#define NPAGES 16 /* of a slot */
#define PAGES(n) ((uint64_t)(n) << MMU_PAGE_SHIFT)
#define OPS 6000
#define COMPARED 5000 /* while threads change everything: so many times */
#define CHANGES 1000

/* In tables that have their parents in common, and in some that have only the root. */
static const gfn_t bases[SLOTS] = { 0, 512 * 3, (gfn_t)1 << 27 };

static struct external external;
static int file;

static gfn_t gfn_of(uint64_t page)
{
	return bases[page / NPAGES] + page % NPAGES;
}

static void set_slot(unsigned int id, bool there)
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

static void set_private(uint64_t page, uint64_t npages, bool private)
{
	CHECK(!gmm_attributes_set(vm, PAGES(gfn_of(page)), PAGES(npages), private ? MMU_ATTRIBUTE_PRIVATE : 0, 0));
}

/* The second half of each slot is private.  What an event takes is told by the tree alone. */
static void begin(void)
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
static void end(void)
{
	vm_end();
	CHECK(!external_leafs(&external) && !external_tables(&external));
}

static int fault(struct mmu_vcpu *by, gfn_t gfn, bool private)
{
	CHECK(!x86_mmu_ready(by));
	return gmm_fault(by, PAGES(gfn), MMU_WRITE | (private ? MMU_PRIVATE : 0), 0, false, NULL);
}

static void touch_all(void)
{
	for (uint64_t page = 0; page < SLOTS * NPAGES; page++) {
		gfn_t gfn = gfn_of(page);

		CHECK(fault(vcpu, gfn, gmm_is_private(vm, gfn)) >= 0);
	}
}

static void punch(uint64_t page, uint64_t npages)
{
	const unsigned int mode = MMU_FALLOCATE_PUNCH_HOLE | MMU_FALLOCATE_KEEP_SIZE;

	CHECK(!gmem_fallocate(vm, file, mode, PAGES(page), PAGES(npages)));
}

static void zap_all_fast(void)
{
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_zap_all_fast(vm);
	gmm_unlock(&vm->slots_lock);
}

/* ------------------------------------------------------------------------------------------------ what is in a tree */

static struct pt_entry at(struct gmm_root *root, gfn_t gfn)
{
	struct pt_iter iter;
	struct pt_entry entry;

	host_rcu_read_lock();
	entry = pt_lookup(&root->tree, gfn, &iter);
	host_rcu_read_unlock();
	return entry;
}

static unsigned int leafs(struct gmm_root *root)
{
	unsigned int count = 0;

	for (uint64_t page = 0; page < SLOTS * NPAGES; page++)
		count += at(root, gfn_of(page)).kind == PT_LEAF;
	return count;
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
static void compare(struct gmm_root *mirror)
{
	struct counts counts = { 0 };
	const struct pt_visitor visitor = { .entry = compare_entry, .context = &counts };

	host_rcu_read_lock();
	pt_visit(&mirror->tree, &visitor);
	host_rcu_read_unlock();
	CHECK(counts.leafs == external_leafs(&external) && counts.tables == external_tables(&external));
}

/* I-R3, of a role with the bit and of one without. */
static void one_valid_root_per_role(void)
{
	for (struct pt_links *one = vm->roots.next; one != &vm->roots; one = one->next) {
		for (struct pt_links *other = one->next; other != &vm->roots; other = other->next) {
			struct gmm_root *a = (struct gmm_root *)((char *)one - offsetof(struct gmm_root, links));
			struct gmm_root *b = (struct gmm_root *)((char *)other - offsetof(struct gmm_root, links));

			CHECK(a->role != b->role || a->invalid || b->invalid);
		}
	}
}

/* ------------------------------------------------------------------------------------------------------- one by one */

static void each_kind_has_its_tree(void)
{
	begin();
	touch_all();
	CHECK(vcpu->root != vcpu->mirror_root && !vcpu->root->mirror && vcpu->mirror_root->mirror);
	CHECK(vcpu->mirror_root->role == (vcpu->root->role | ROLE_MIRROR));
	for (uint64_t page = 0; page < SLOTS * NPAGES; page++) {
		bool private = gmm_is_private(vm, gfn_of(page));

		CHECK((at(vcpu->mirror_root, gfn_of(page)).kind == PT_LEAF) == private);
		CHECK((at(vcpu->root, gfn_of(page)).kind == PT_LEAF) == !private);
	}
	compare(vcpu->mirror_root);
	one_valid_root_per_role();
	/* What is there needs nobody to be asked again. */
	external.puts = 0;
	touch_all();
	CHECK(!external.puts);
	end();
}

/* Both roots or none, whichever of their allocations fails: a root, its table's header and page, of each. */
static void roots_come_together(void)
{
	for (unsigned int allocation = 0; allocation <= 6; allocation++) {
		begin();
		host_inject_alloc_failure(allocation);
		CHECK(x86_mmu_ready(vcpu) == (allocation < 6 ? -ENOMEM : 0));
		host_inject_nothing();
		CHECK(!vcpu->root == (allocation < 6) && !vcpu->mirror_root == (allocation < 6));
		end();
	}
}

/* Each callback on the way of a first fault in turn: three tables and a leaf. */
static void what_is_refused_changes_nothing(void)
{
	const gfn_t gfn = gfn_of(NPAGES - 1);

	begin();
	for (unsigned int i = 0; i <= 3; i++) {
		external.refuse_put = external.puts + (i ? 2 : 1);
		CHECK(fault(vcpu, gfn, true) == GMM_RETRY && external.refused == i + 1);
		CHECK(vm->tables == i && !vm->leafs[MMU_LEVEL_4K]);
		compare(vcpu->mirror_root);
	}
	CHECK(fault(vcpu, gfn, true) == GMM_FIXED && at(vcpu->mirror_root, gfn).kind == PT_LEAF);
	compare(vcpu->mirror_root);
	end();
}

/* Or a fault would have to change the leaf in place, where software keeps the accessed bit. */
static void what_was_mapped_ahead_is_good_enough(void)
{
	const struct pt_x86_config config = { .levels = 4, .leaf_level_max = 3, .maxphyaddr = 46 };
	const gfn_t gfn = gfn_of(NPAGES - 1);

	begin();
	pt_format_x86_ept(&vm->format, &config);
	CHECK(!vm->format.hardware_accessed && !x86_mmu_ready(vcpu));
	CHECK(gmm_fault(vcpu, PAGES(gfn), MMU_READ | MMU_PRIVATE, 0, true, NULL) == GMM_FIXED);
	CHECK(fault(vcpu, gfn, true) == GMM_SPURIOUS);
	compare(vcpu->mirror_root);
	end();
}

static void map_meanwhile(gfn_t gfn)
{
	struct pt_cache cache = { 0 };
	struct pt_mapping mapping = {
		.ipn = gfn, .opn = 1, .level = MMU_LEVEL_4K, .attrs = PT_READ, .needs = PT_READ, .cache = &cache
	};

	external.during_set = NULL;
	CHECK(pt_map(&vcpu->mirror_root->tree, &mapping, PT_SHARED) == PT_TRY_AGAIN);
}

/* A fault that finds the entry while its leaf is being put in elsewhere. */
static void what_is_frozen_is_left_alone(void)
{
	begin();
	external.during_set = map_meanwhile;
	CHECK(fault(vcpu, gfn_of(NPAGES - 1), true) == GMM_FIXED && !external.during_set);
	compare(vcpu->mirror_root);
	end();
}

static void replace_a_leaf(void)
{
	const gfn_t gfn = gfn_of(NPAGES - 1);
	struct pt_iter iter;

	vm_core();
	begin();
	CHECK(fault(vcpu, gfn, true) == GMM_FIXED);
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	pt_lookup(&vcpu->mirror_root->tree, gfn, &iter);
	pt_set(&iter, vm->format.leaf(&vm->format, 1, 1, PT_READ), PT_EXCLUSIVE);
}

static void what_is_there_goes_before_another_comes(void)
{
	char output[1024];

	CHECK(in_child(replace_a_leaf, output, sizeof(output)) == 1 && strstr(output, "not so: !stays_live"));
}

/* In one go, from the top: outside it is leafs first all the same. */
static void what_is_below_goes_first(void)
{
	begin();
	touch_all();
	CHECK(external_leafs(&external) && external_tables(&external));
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	pt_clear(&vcpu->mirror_root->tree, vm->format.levels, PT_EXCLUSIVE);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	CHECK(!external_leafs(&external) && !external_tables(&external));
	end();
}

/* ----------------------------------------------------------------------------------------------------------- events */

static void events_keep_to_their_tree(void)
{
	const unsigned int half = SLOTS * NPAGES / 2;
	struct gmm_root *mirror, *direct;

	begin();
	touch_all();
	mirror = vcpu->mirror_root;
	direct = vcpu->root;
	host_mm_unmap(mm, HVA, SLOTS * NPAGES);
	CHECK(!leafs(direct) && leafs(mirror) == half && !external.takes);
	touch_all();
	punch(0, SLOTS * NPAGES);
	CHECK(leafs(direct) == half && !leafs(mirror) && external.takes == half);
	touch_all();
	set_private(0, NPAGES, true);
	CHECK(leafs(direct) == half - NPAGES / 2 && leafs(mirror) == half);
	set_private(0, NPAGES, false);
	CHECK(leafs(direct) == half - NPAGES / 2 && leafs(mirror) == half - NPAGES / 2);
	touch_all();
	/* Leaf by leaf, of both. */
	set_slot(1, false);
	CHECK(at(mirror, gfn_of(2 * NPAGES - 1)).kind == PT_EMPTY);
	CHECK(at(mirror, gfn_of(3 * NPAGES - 1)).kind == PT_LEAF);
	CHECK(!direct->invalid && !mirror->invalid);
	compare(mirror);
	end();
}

static void roots_that_go_fast_are_the_others(void)
{
	struct gmm_root *mirror, *direct;

	begin();
	touch_all();
	mirror = vcpu->mirror_root;
	direct = vcpu->root;
	zap_all_fast();
	CHECK(direct->invalid && !leafs(direct) && !mirror->invalid && !external.takes);
	CHECK(!x86_mmu_ready(vcpu) && vcpu->root != direct && vcpu->mirror_root == mirror);
	compare(mirror);
	one_valid_root_per_role();
	end();
}

/* Between the two halves of what gets rid of roots an event finds them invalid, and still full. */
static void invalid_roots_hear_of_events(void)
{
	const unsigned int half = SLOTS * NPAGES / 2;

	begin();
	touch_all();
	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_roots_invalidate(vm, false);
	gmm_roots_invalidate(vm, true);
	CHECK(leafs(vcpu->root) == half && leafs(vcpu->mirror_root) == half);
	host_mm_unmap(mm, HVA, SLOTS * NPAGES);
	CHECK(!leafs(vcpu->root) && leafs(vcpu->mirror_root) == half);
	punch(0, SLOTS * NPAGES);
	CHECK(!leafs(vcpu->mirror_root));
	compare(vcpu->mirror_root);
	gmm_roots_empty(vm, false);
	gmm_roots_empty(vm, true);
	gmm_unlock(&vm->slots_lock);
	end();
}

/* ------------------------------------------------------------------------------------------------------ all at once */

static void change(void)
{
	uint64_t page = host_random() % (SLOTS * NPAGES), npages = 1 + host_random() % (NPAGES - page % NPAGES);
	unsigned int id = (unsigned int)(page / NPAGES);

	switch (host_random() % 8) {
	case 0:
	case 1:
		set_private(page, npages, host_random() % 2);
		break;
	case 2:
	case 3:
		punch(page, npages);
		break;
	case 4:
		host_mm_unmap(mm, HVA + PAGES(page), npages);
		break;
	case 5:
		set_slot(id, false);
		set_slot(id, true);
		break;
	case 6:
		zap_all_fast();
		break;
	default:
		break;
	}
}

/* Of a kind that may not be the gfn's. */
static void touch(struct mmu_vcpu *by)
{
	gfn_t gfn = gfn_of(host_random() % (SLOTS * NPAGES));
	bool private = host_random() % 2;
	int outcome = fault(by, gfn, private);

	CHECK(outcome >= 0 || outcome == -EFAULT);
}

static void operations_in_any_order(void)
{
	begin();
	external.refuse_one_in = 4;
	for (unsigned int op = 0; op < OPS; op++) {
		if (op % 16)
			touch(vcpu);
		else
			change();
		if (vcpu->mirror_root)
			compare(vcpu->mirror_root);
		one_valid_root_per_role();
	}
	CHECK(external.refused > OPS / 100 && external.takes > OPS / 100);
	end();
}

static uint32_t done;

static void faulter(void *argument)
{
	while (!get(&done))
		touch(argument);
}

static void changer(void *argument)
{
	(void)argument;
	while (!get(&done)) {
		change();
		host_yield();
	}
}

/* Without any lock of the core's: nothing has changed outside while the entry was looked at, and it was not frozen. */
static void checker(void *argument)
{
	uint64_t before, after = 0;

	for (unsigned int compared = 0; compared < COMPARED || after < CHANGES;) {
		gfn_t gfn = gfn_of(host_random() % (SLOTS * NPAGES));
		struct pt_entry entry;
		mmu_pfn_t outside;

		external_at(&external, gfn, &before);
		entry = at(argument, gfn);
		outside = external_at(&external, gfn, &after);
		if (before == after && entry.kind != PT_FROZEN) {
			CHECK(outside == (entry.kind == PT_LEAF ? entry.opn : MMU_NO_PFN));
			compared++;
		}
		host_yield();
	}
	set(&done, 1);
}

static void everybody_at_once(void)
{
	struct host_config config = *host_configuration();
	struct host_thread *threads[4];
	struct mmu_vcpu *second;

	config.preempt_ppm = 20000;
	host_configure(&config);
	begin();
	CHECK(!reference_vcpu_create(vm, 1, &ops, NULL, &second) && !x86_mmu_ready(vcpu));
	external.refuse_one_in = 4;
	threads[0] = start("checker", checker, vcpu->mirror_root);
	threads[1] = start("changer", changer, NULL);
	threads[2] = start("faulter", faulter, vcpu);
	threads[3] = start("faulter", faulter, second);
	for (unsigned int i = 0; i < 4; i++)
		host_thread_join(threads[i]);
	CHECK(external.refused && external.takes);
	CHECK(!x86_mmu_ready(vcpu));
	compare(vcpu->mirror_root);
	end();
}

int main(int argc, char *argv[])
{
	RUN(what_is_there_goes_before_another_comes);
	vm_start(argc, argv);
	RUN(each_kind_has_its_tree);
	RUN(roots_come_together);
	RUN(what_is_refused_changes_nothing);
	RUN(what_was_mapped_ahead_is_good_enough);
	RUN(what_is_frozen_is_left_alone);
	RUN(what_is_below_goes_first);
	RUN(events_keep_to_their_tree);
	RUN(roots_that_go_fast_are_the_others);
	RUN(invalid_roots_hear_of_events);
	RUN(operations_in_any_order);
	RUN(everybody_at_once);
	return 0;
}
