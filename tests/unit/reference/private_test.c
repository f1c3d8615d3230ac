// SPDX-License-Identifier: GPL-2.0-only
/*
 * private_test.c - both kinds of memory in one VM: which leafs an event about one kind takes, by how exact it is; and
 * what is owed to the caches of a VM that is encrypted.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include "vm_fixture.h"

#define HVA HOST_HVA_BASE
#define NPAGES 16

static int file;

/* Pages 0 to 7 are shared, 8 to 15 private if the VM has such. */
static void begin(enum mmu_vm_type type, enum gmm_kind kind)
{
	struct mmu_slot_request request = { .bytes = NPAGES << MMU_PAGE_SHIFT, .hva = HVA, .gmem = MMU_GMEM_NONE };

	vm_begin(type, 2 * NPAGES);
	vm->kind = kind;
	if (vm->has_private) {
		file = gmem_create(vm, NPAGES << MMU_PAGE_SHIFT, 0);
		CHECK(file >= 0);
		request.flags = MMU_SLOT_GMEM;
		request.gmem = file;
		CHECK(!gmm_attributes_set(vm, 8 << MMU_PAGE_SHIFT, 8 << MMU_PAGE_SHIFT, MMU_ATTRIBUTE_PRIVATE, 0));
	}
	CHECK(!gmm_slot_set_request(vm, &request, false));
}

static void touch(gfn_t gfn)
{
	bool private = gmm_is_private(vm, gfn);

	CHECK(!x86_mmu_ready(vcpu));
	CHECK(gmm_fault(vcpu, gfn << MMU_PAGE_SHIFT, MMU_WRITE | (private ? MMU_PRIVATE : 0), 0, false, NULL) >= 0);
}

static void touch_all(void)
{
	for (gfn_t gfn = 0; gfn < NPAGES; gfn++)
		touch(gfn);
}

static mmu_pfn_t pfn_at(gfn_t gfn)
{
	struct pt_iter iter;
	struct pt_entry entry;

	host_rcu_read_lock();
	entry = pt_lookup(&vcpu->root->tree, gfn, &iter);
	host_rcu_read_unlock();
	return entry.kind == PT_LEAF ? entry.opn : MMU_NO_PFN;
}

static unsigned int mapped(gfn_t start, gfn_t stop)
{
	unsigned int count = 0;

	for (gfn_t gfn = start; gfn < stop; gfn++)
		count += pfn_at(gfn) != MMU_NO_PFN;
	return count;
}

/* ---------------------------------------------------------------------------------------------------------- filter */

/* Neither is both; both at once is a mistake of the caller. */
static void two_booleans_are_a_mask(void)
{
	unsigned int filter;

	CHECK(gmm_filter_of(false, false, &filter) && filter == (GMM_SHARED | GMM_PRIVATE));
	CHECK(gmm_filter_of(true, false, &filter) && filter == GMM_PRIVATE);
	CHECK(gmm_filter_of(false, true, &filter) && filter == GMM_SHARED);
	CHECK(!gmm_filter_of(true, true, &filter));
}

/* An event about hvas is about shared memory, one about a file about private memory.  What less exact filters take
 * as well comes back with the next fault. */
static void each_event_takes_its_kind(void)
{
	for (enum gmm_filter_mode mode = GMM_FILTER_EXACT; mode <= GMM_FILTER_NONE; mode++) {
		unsigned int others = mode == GMM_FILTER_EXACT ? 8 : 0;

		begin(MMU_VM_SW_PROTECTED, GMM_KIND_PLAIN);
		vm->filter_mode = mode;
		touch_all();
		host_mm_unmap(mm, HVA, NPAGES);
		CHECK(mapped(0, 8) == 0 && mapped(8, 16) == others);
		touch_all();
		CHECK(!gmem_fallocate(vm, file, MMU_FALLOCATE_PUNCH_HOLE | MMU_FALLOCATE_KEEP_SIZE, 0,
				      NPAGES << MMU_PAGE_SHIFT));
		CHECK(mapped(0, 8) == others && mapped(8, 16) == 0);
		touch_all();
		/* What becomes private was shared, which goes; what is private already stays if the filter is exact. */
		CHECK(!gmm_attributes_set(vm, 0, NPAGES << MMU_PAGE_SHIFT, MMU_ATTRIBUTE_PRIVATE, 0));
		CHECK(mapped(0, 8) == 0 && mapped(8, 16) == others);
		vm_end();
	}
}

/* ---------------------------------------------------------------------------------------------------------- caches */

/* Once for an event that finds a slot, whether or not anything of it is mapped, and not for one that finds none. */
static void reclaimed_is_told_once(void)
{
	begin(MMU_VM_DEFAULT, GMM_KIND_PLAIN);
	touch_all();
	host_mm_unmap(mm, HVA, NPAGES);
	CHECK(vm->reclaimed == 1);
	host_mm_unmap(mm, HVA, 1);
	CHECK(vm->reclaimed == 2);
	host_mm_unmap(mm, HVA + (NPAGES << MMU_PAGE_SHIFT), NPAGES);
	CHECK(vm->reclaimed == 2);
	vm_end();
}

/* Private memory is the process's: what goes back to the host has been written back by then. */
static void sev_flushes_for_the_process(void)
{
	mmu_pfn_t pfn;

	begin(MMU_VM_DEFAULT, GMM_KIND_SEV);
	touch_all();
	pfn = pfn_at(3);
	CHECK(pfn != MMU_NO_PFN && !gmm_cache_is_dirty(vm, pfn));
	host_mm_unmap(mm, HVA, NPAGES);
	CHECK(vm->cache_flushes == 1 && !gmm_cache_is_dirty(vm, pfn));
	vm_end();
}

/*
 * Private memory is the file's: nothing that happens to the process can free any, so nothing is flushed then.  What
 * the file frees was written back by then, even if it was zapped long before: the zap of the punch finds nothing.
 */
static void snp_flushes_for_the_file(void)
{
	mmu_pfn_t pfn;

	begin(MMU_VM_SW_PROTECTED, GMM_KIND_SNP);
	touch_all();
	pfn = pfn_at(9);
	host_mm_unmap(mm, HVA, NPAGES);
	CHECK(vm->reclaimed == 1 && !vm->cache_flushes);
	CHECK(!gmm_attributes_set(vm, 8 << MMU_PAGE_SHIFT, 8 << MMU_PAGE_SHIFT, 0, 0));
	CHECK(mapped(8, 16) == 0 && gmm_cache_is_dirty(vm, pfn));
	CHECK(!gmem_fallocate(vm, file, MMU_FALLOCATE_PUNCH_HOLE | MMU_FALLOCATE_KEEP_SIZE, 0,
			      NPAGES << MMU_PAGE_SHIFT));
	CHECK(vm->cache_flushes == 1 && !vm->bugged);
	vm_end();
}

static void nobody_else_flushes(void)
{
	begin(MMU_VM_SW_PROTECTED, GMM_KIND_PLAIN);
	touch_all();
	host_mm_unmap(mm, HVA, NPAGES);
	CHECK(!gmem_fallocate(vm, file, MMU_FALLOCATE_PUNCH_HOLE | MMU_FALLOCATE_KEEP_SIZE, 0,
			      NPAGES << MMU_PAGE_SHIFT));
	CHECK(!vm->cache_flushes);
	vm_end();
}

int main(int argc, char *argv[])
{
	vm_start(argc, argv);
	RUN(two_booleans_are_a_mask);
	RUN(each_event_takes_its_kind);
	RUN(reclaimed_is_told_once);
	RUN(sev_flushes_for_the_process);
	RUN(snp_flushes_for_the_file);
	RUN(nobody_else_flushes);
	return 0;
}
