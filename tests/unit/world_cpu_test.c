// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_cpu_test.c - what a simulated CPU remembers: TLB, paging-structure cache, flushes, page-modification log.
 */
#include "harness/oracle/oracle.h"

#include "world_fixture.h"

#define GPA 0x200000
#define GFN (GPA >> MMU_PAGE_SHIFT)
#define HVA HOST_HVA_BASE

/* One slot over [GFN, GFN + 1024) at HVA, and a page of it mapped at @gpa. */
static mmu_pfn_t map_page(struct fixture *fixture, gpa_t gpa)
{
	uint64_t location = (HVA >> MMU_PAGE_SHIFT) + (gpa >> MMU_PAGE_SHIFT) - GFN;
	mmu_pfn_t pfn = new_page(HOST_PAGE_ANON, fixture->world->model.mm_id, location);

	*entry_for(fixture, fixture->context.root, gpa, 1) = leaf_value(fixture, pfn, 1);
	return pfn;
}

static void start(struct fixture *fixture, enum mmu_paging paging)
{
	fixture_start(fixture, paging, MMU_VM_DEFAULT);
	CHECK(!world_slot_create(fixture->world, 0, 1, GFN, 1024, HVA, 0));
	map_page(fixture, GPA);
}

static uint64_t *leaf_of(struct fixture *fixture, gpa_t gpa)
{
	return entry_for(fixture, fixture->context.root, gpa, 1);
}

/* True if an access is served although the tables have nothing for it. */
static bool is_cached(struct fixture *fixture, gpa_t gpa, uint32_t access)
{
	uint64_t *leaf = leaf_of(fixture, gpa), saved = *leaf;
	bool cached;

	*leaf = 0;
	cached = run_access(fixture, gpa, access).reason == MMU_EXIT_DONE;
	*leaf = saved;
	return cached;
}

static void a_translation_stays_until_it_is_flushed(enum mmu_paging paging)
{
	static const enum mmu_flush kinds[] = { MMU_FLUSH_ALL, MMU_FLUSH_CURRENT, MMU_FLUSH_GUEST };
	struct fixture fixture;

	start(&fixture, paging);
	for (unsigned int i = 0; i < 3; i++) {
		CHECK(!is_cached(&fixture, GPA, MMU_READ));
		CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
		CHECK(is_cached(&fixture, GPA, MMU_READ));
		cpu_guest_ops.flush(fixture.cpu, kinds[i], fixture.context.root);
	}
	EXPECT_FINDINGS(INV_T1, 0);
	fixture_stop(&fixture);
}

/* Two pages a set, over and over, in a TLB that is full of others: only the first round may miss. */
static void a_working_set_that_fits_is_served_by_the_tlb(void)
{
	const unsigned int npages = 2 * TLB_SETS;
	struct fixture fixture;
	uint64_t walks;

	start(&fixture, MMU_PAGING_EPT);
	for (unsigned int i = 0; i < 1024; i++) {
		map_page(&fixture, GPA + i * MMU_PAGE_SIZE);
		CHECK(run_access(&fixture, GPA + i * MMU_PAGE_SIZE, MMU_READ).reason == MMU_EXIT_DONE);
	}
	walks = cpu_counter(fixture.cpu, CPU_WALKS);
	for (unsigned int i = 0; i < 10 * npages; i++)
		CHECK(run_access(&fixture, GPA + i % npages * MMU_PAGE_SIZE, MMU_READ).reason == MMU_EXIT_DONE);
	CHECK(cpu_counter(fixture.cpu, CPU_WALKS) == walks + npages);
	fixture_stop(&fixture);
}

static void a_fault_forgets_its_gpa(void)
{
	struct fixture fixture;
	struct mmu_guest_exit out;

	start(&fixture, MMU_PAGING_EPT);
	*leaf_of(&fixture, GPA) &= ~(uint64_t)MMU_WRITE;
	CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
	out = run_access(&fixture, GPA, MMU_WRITE | MMU_PRIVATE);
	CHECK(out.reason == MMU_EXIT_FAULT && out.gpa == GPA && out.access == (MMU_WRITE | MMU_PRIVATE));
	CHECK(out.allowed == (MMU_READ | MMU_EXEC));
	CHECK(!is_cached(&fixture, GPA, MMU_READ));
	*leaf_of(&fixture, GPA) = 6; /* W and X without R: what KVM uses for MMIO */
	CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_MISCONFIG);
	fixture_stop(&fixture);
}

/* EPT tags by root; NPT by ASID, so that the other root's translation is used, which no core may let happen. */
static void translations_are_tagged(enum mmu_paging paging)
{
	struct fixture fixture;
	mmu_hpa_t first;

	start(&fixture, paging);
	first = fixture.context.root;
	CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
	fixture.context.root = new_table() << MMU_PAGE_SHIFT;
	map_page(&fixture, GPA);
	if (paging == MMU_PAGING_EPT) {
		cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_CURRENT, fixture.context.root);
		CHECK(!is_cached(&fixture, GPA, MMU_READ));
		CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
		fixture.context.root = first;
		CHECK(is_cached(&fixture, GPA, MMU_READ));
		EXPECT_FINDINGS(INV_T6, 0);
		cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_CURRENT, first);
		CHECK(!is_cached(&fixture, GPA, MMU_READ));
	} else {
		CHECK(is_cached(&fixture, GPA, MMU_READ));
		EXPECT_FINDINGS(INV_T6, 1);
	}
	fixture_stop(&fixture);
}

static void a_new_root_needs_a_flush(void)
{
	struct fixture fixture;
	mmu_pfn_t root;

	start(&fixture, MMU_PAGING_EPT);
	run_access(&fixture, GPA, MMU_READ);
	fixture.context.root = new_table() << MMU_PAGE_SHIFT;
	run_access(&fixture, GPA, MMU_READ);
	EXPECT_FINDINGS(INV_T6, 1);
	fixture.context.root = new_table() << MMU_PAGE_SHIFT;
	cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_ALL, MMU_NO_HPA);
	run_access(&fixture, GPA, MMU_READ);
	EXPECT_FINDINGS(INV_T6, 0);
	/* The same page, but a root that has been freed. */
	root = fixture.context.root >> MMU_PAGE_SHIFT;
	host_pages_free(root, 0);
	host_irq_disable();
	oracle_check_entry(fixture.cpu, &fixture.context);
	host_irq_enable();
	EXPECT_FINDINGS(INV_T6, 2); /* no table, and not flushed since it is what it is now */
	fixture_stop(&fixture);
}

static void a_first_write_walks_again(void)
{
	struct fixture fixture;

	start(&fixture, MMU_PAGING_EPT);
	CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
	CHECK(!(*leaf_of(&fixture, GPA) & EPT_D));
	CHECK(!is_cached(&fixture, GPA, MMU_WRITE));
	CHECK(run_access(&fixture, GPA, MMU_WRITE).reason == MMU_EXIT_DONE);
	CHECK(*leaf_of(&fixture, GPA) & EPT_D);
	CHECK(is_cached(&fixture, GPA, MMU_WRITE));
	fixture_stop(&fixture);
}

static void the_log_fills_up(void)
{
	struct fixture fixture;
	gpa_t gpas[PML_ENTRIES];

	start(&fixture, MMU_PAGING_EPT);
	fixture.context.pml = true;
	for (unsigned int i = 0; i < PML_ENTRIES; i++) {
		map_page(&fixture, GPA + i * MMU_PAGE_SIZE);
		CHECK(run_access(&fixture, GPA + i * MMU_PAGE_SIZE + 8, MMU_WRITE).reason == MMU_EXIT_DONE);
	}
	CHECK(run_access(&fixture, GPA, MMU_WRITE).reason == MMU_EXIT_DONE); /* D is set: nothing to log */
	map_page(&fixture, GPA + PML_ENTRIES * MMU_PAGE_SIZE);
	CHECK(run_access(&fixture, GPA + PML_ENTRIES * MMU_PAGE_SIZE, MMU_WRITE).reason == MMU_EXIT_PML_FULL);
	CHECK(!(*leaf_of(&fixture, GPA + PML_ENTRIES * MMU_PAGE_SIZE) & EPT_D));
	CHECK(cpu_guest_ops.pml_drain(fixture.cpu, gpas, 12) == 12);
	CHECK(gpas[3] == GPA + 3 * MMU_PAGE_SIZE);
	CHECK(cpu_guest_ops.pml_drain(fixture.cpu, gpas, PML_ENTRIES) == PML_ENTRIES - 12);
	CHECK(gpas[0] == GPA + 12 * MMU_PAGE_SIZE);
	CHECK(run_access(&fixture, GPA + PML_ENTRIES * MMU_PAGE_SIZE, MMU_WRITE).reason == MMU_EXIT_DONE);
	fixture_stop(&fixture);
}

/* I-T3: the table that served a gpa is freed, the CPU is not flushed. */
static void a_freed_table_is_caught(void)
{
	struct fixture fixture;
	uint64_t *parent;
	mmu_pfn_t table;

	start(&fixture, MMU_PAGING_EPT);
	map_page(&fixture, GPA + MMU_PAGE_SIZE);
	parent = entry_for(&fixture, fixture.context.root, GPA, 2);
	table = (*parent & 0xffffffffff000) >> MMU_PAGE_SHIFT;
	CHECK(run_access(&fixture, GPA, MMU_READ).reason == MMU_EXIT_DONE);
	*parent = 0;
	host_pages_free(table, 0);
	CHECK(run_access(&fixture, GPA + MMU_PAGE_SIZE, MMU_READ).reason == MMU_EXIT_DONE);
	EXPECT_FINDINGS(INV_T3, 1);
	CHECK(run_access(&fixture, GPA + MMU_PAGE_SIZE, MMU_READ).reason == MMU_EXIT_FAULT);
	/* And one that is linked although it was freed. */
	*parent = table << MMU_PAGE_SHIFT | EPT_RWX;
	run_access(&fixture, GPA + MMU_PAGE_SIZE, MMU_READ);
	EXPECT_FINDINGS(INV_S5, 1);
	fixture_stop(&fixture);
}

static void an_interrupt_comes_first(void)
{
	struct fixture fixture;
	struct mmu_guest_exit out = { 0 };
	struct guest_access once = { .gpa = GPA, .access = MMU_READ };

	start(&fixture, MMU_PAGING_EPT);
	host_irq_disable();
	host_ipi_send(host_cpu_self(), NULL, NULL, false);
	fixture.cpu->access = once;
	fixture.cpu->pending = true;
	cpu_guest_ops.enter(fixture.cpu, &fixture.context, &out);
	CHECK(out.reason == MMU_EXIT_INTERRUPT && fixture.cpu->pending);
	host_irq_enable();
	host_irq_disable();
	cpu_guest_ops.enter(fixture.cpu, &fixture.context, &out);
	host_irq_enable();
	CHECK(out.reason == MMU_EXIT_DONE && !fixture.cpu->pending);
	fixture_stop(&fixture);
}

int main(void)
{
	a_translation_stays_until_it_is_flushed(MMU_PAGING_EPT);
	a_translation_stays_until_it_is_flushed(MMU_PAGING_NPT);
	a_working_set_that_fits_is_served_by_the_tlb();
	a_fault_forgets_its_gpa();
	translations_are_tagged(MMU_PAGING_EPT);
	translations_are_tagged(MMU_PAGING_NPT);
	a_new_root_needs_a_flush();
	a_first_write_walks_again();
	the_log_fills_up();
	a_freed_table_is_caught();
	an_interrupt_comes_first();
	return 0;
}
