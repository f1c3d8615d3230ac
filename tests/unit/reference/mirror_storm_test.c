// SPDX-License-Identifier: GPL-2.0-only
/*
 * mirror_storm_test.c - private memory whose tables somebody else keeps: the mirror says the same as they do, after
 * each of many operations, and at any time while threads do them.
 */
#include <errno.h>

#include "mirror_fixture.h"

#define OPS 6000
#define COMPARED 5000 /* while threads change everything: so many times */
#define CHANGES 1000

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
	vm_start(argc, argv);
	RUN(operations_in_any_order);
	RUN(everybody_at_once);
	return 0;
}
