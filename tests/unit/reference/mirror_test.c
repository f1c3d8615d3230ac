// SPDX-License-Identifier: GPL-2.0-only
/*
 * mirror_test.c - private memory whose tables somebody else keeps: what is done to them, one thing after the other, and
 * that nothing reaches them that is about the other kind of memory.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include <errno.h>

#include "../host_child.h"
#include "arch/x86/role.h"
#include "mirror_fixture.h"

static void touch_all(void)
{
	for (uint64_t page = 0; page < SLOTS * NPAGES; page++) {
		gfn_t gfn = gfn_of(page);

		CHECK(fault(vcpu, gfn, gmm_is_private(vm, gfn)) >= 0);
	}
}

static unsigned int leafs(struct gmm_root *root)
{
	unsigned int count = 0;

	for (uint64_t page = 0; page < SLOTS * NPAGES; page++)
		count += at(root, gfn_of(page)).kind == PT_LEAF;
	return count;
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
	return 0;
}
