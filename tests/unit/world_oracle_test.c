// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_oracle_test.c - which accesses are lawful before, during and after each operation, and which finding it is if
 * not.
 *
 * The fake core changes no table, so every operation leaves the translations of the test stale: what a core without
 * zaps and flushes would do.
 */
#include <errno.h>
#include <string.h>

#include "harness/oracle/history.h"
#include "harness/oracle/oracle.h"

#include "world_fixture.h"

#define GPA 0x200000
#define GFN (GPA >> MMU_PAGE_SHIFT)
#define NPAGES 64
#define HVA HOST_HVA_BASE
#define ID 3

static struct fixture fixture;
static mmu_pfn_t page;

static uint64_t *leaf(void)
{
	return entry_for(&fixture, fixture.context.root, GPA, 1);
}

static void map(mmu_pfn_t pfn)
{
	*leaf() = leaf_value(&fixture, pfn, 1);
	cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_ALL, MMU_NO_HPA);
}

static void start(enum mmu_vm_type type)
{
	fixture_start(&fixture, MMU_PAGING_EPT, type);
	fake = (struct fake_core){ 0 };
	CHECK(!world_slot_create(fixture.world, 0, ID, GFN, NPAGES, HVA, 0));
	page = new_page(HOST_PAGE_ANON, fixture.world->model.mm_id, HVA >> MMU_PAGE_SHIFT);
	map(page);
}

static void stop(void)
{
	fake = (struct fake_core){ 0 };
	fixture_stop(&fixture);
}

static void read_it(void)
{
	run_access(&fixture, GPA, MMU_READ);
}

static void write_it(void)
{
	run_access(&fixture, GPA, MMU_WRITE);
}

/* The last operations, oldest first; no more than there is room for. */
static void history(void)
{
	char text[512], *deleted, *created;
	uint64_t clock;

	start(MMU_VM_DEFAULT);
	clock = model_clock(&fixture.world->model);
	CHECK(!world_slot_delete(fixture.world, 0, ID));
	history_tell(fixture.world, clock + 1, text, sizeof(text));
	CHECK(strstr(text, "slot_set 3 gfn 0x0+0x0") && !strstr(text, "gfn 0x200"));
	history_tell(fixture.world, 0, text, sizeof(text));
	created = strstr(text, "slot_set 3 gfn 0x200+0x40");
	deleted = strstr(text, "slot_set 3 gfn 0x0+0x0");
	CHECK(created && deleted && created < deleted);
	history_tell(fixture.world, 0, text, 4);
	CHECK(strlen(text) == 3);
	for (unsigned int i = 0; i < WORLD_HISTORY / 2; i++) {
		CHECK(!world_slot_create(fixture.world, 0, ID, GFN + 1, NPAGES, HVA, 0));
		CHECK(!world_slot_delete(fixture.world, 0, ID));
	}
	history_tell(fixture.world, 0, text, sizeof(text));
	CHECK(!strstr(text, "gfn 0x200+0x40") && strstr(text, "gfn 0x201+0x40"));
	stop();
}

static void pages_of_the_host(void)
{
	mmu_pfn_t other;

	start(MMU_VM_DEFAULT);
	write_it();
	EXPECT_FINDINGS(INV_T1, 0);
	host_page_set_flags(page, 1, HOST_PAGE_READONLY, 0);
	read_it();
	EXPECT_FINDINGS(INV_S3, 0);
	write_it();
	EXPECT_FINDINGS(INV_S3, 1);
	host_page_set_flags(page, 1, HOST_PAGE_REVOKED, HOST_PAGE_READONLY);
	read_it();
	EXPECT_FINDINGS(INV_Z2, 1);
	map(page);
	host_page_set_flags(page, 1, 0, HOST_PAGE_REVOKED);
	read_it();
	host_pages_free(page, 0);
	read_it();
	EXPECT_FINDINGS(INV_Z8, 1);
	/* Zapped, but not flushed. */
	page = new_page(HOST_PAGE_ANON, fixture.world->model.mm_id, HVA >> MMU_PAGE_SHIFT);
	map(page);
	read_it();
	*leaf() = 0;
	host_pages_free(page, 0);
	read_it();
	EXPECT_FINDINGS(INV_T1, 1);
	/* A table is no guest memory, nor is what lies outside the arena. */
	map(new_table());
	read_it();
	EXPECT_FINDINGS(INV_Z8, 1);
	map(HOST_ARENA_PAGES + 5);
	read_it();
	EXPECT_FINDINGS(INV_Z8, 1);
	/* Memory of the right process, but not of that gfn; and of another process. */
	map(new_page(HOST_PAGE_ANON, fixture.world->model.mm_id, (HVA >> MMU_PAGE_SHIFT) + 1));
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	other = new_page(HOST_PAGE_ANON, fixture.world->model.mm_id + 1, HVA >> MMU_PAGE_SHIFT);
	map(other);
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	stop();
}

static void a_slot_goes_away(void)
{
	start(MMU_VM_DEFAULT);
	/* Both states are lawful while the core is at it, in a failed attempt too. */
	fake.during = read_it;
	fake.answer = -ENOMEM;
	CHECK(world_slot_delete(fixture.world, 0, ID) == -ENOMEM);
	fake.during = NULL;
	read_it();
	EXPECT_FINDINGS(INV_Z3, 0);
	fake.answer = 0;
	fake.during = read_it;
	CHECK(!world_slot_delete(fixture.world, 0, ID));
	EXPECT_FINDINGS(INV_Z3, 0);
	fake.during = NULL;
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	CHECK(!world_slot_create(fixture.world, 0, ID, GFN + 8, NPAGES, HVA, 0));
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	fake.during = read_it;
	CHECK(!world_slot_move(fixture.world, 0, ID, GFN));
	fake.during = NULL;
	read_it();
	EXPECT_FINDINGS(INV_Z3, 0);
	CHECK(!world_slot_move(fixture.world, 0, ID, GFN - 1));
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	stop();
}

static void a_slot_of_the_other_address_space(void)
{
	start(MMU_VM_DEFAULT);
	fixture.context.in_smm = true;
	read_it();
	EXPECT_FINDINGS(INV_R12, 1);
	CHECK(!world_slot_create(fixture.world, 1, ID, GFN, NPAGES, HVA, 0));
	read_it();
	EXPECT_FINDINGS(INV_R12, 0);
	stop();
}

static void a_read_only_slot(void)
{
	start(MMU_VM_DEFAULT);
	CHECK(!world_slot_delete(fixture.world, 0, ID));
	CHECK(!world_slot_create(fixture.world, 0, ID, GFN, NPAGES, HVA, MMU_SLOT_READONLY));
	read_it();
	EXPECT_FINDINGS(INV_S3, 0);
	write_it();
	EXPECT_FINDINGS(INV_S3, 1);
	stop();
}

static void requests_that_must_be_refused(void)
{
	struct mmu_slot_request request = { .id = 9, .gpa = GPA + 5, .bytes = MMU_PAGE_SIZE, .hva = HVA };

	start(MMU_VM_DEFAULT);
	CHECK(!world_slot_set(fixture.world, &request));
	EXPECT_FINDINGS(INV_L10, 1); /* not aligned */
	CHECK(!world_slot_create(fixture.world, 0, 10, GFN + NPAGES - 1, 1, HVA, 0));
	EXPECT_FINDINGS(INV_L10, 1); /* overlaps */
	CHECK(!world_slot_create(fixture.world, 0, ID, GFN, NPAGES - 1, HVA, 0));
	EXPECT_FINDINGS(INV_L10, 1); /* another size */
	CHECK(!world_slot_delete(fixture.world, 0, 11));
	EXPECT_FINDINGS(INV_L10, 1); /* not there */
	fake.answer = -EINVAL;
	CHECK(world_slot_delete(fixture.world, 0, 11) == -EINVAL);
	EXPECT_FINDINGS(INV_L10, 0);
	CHECK(world_slot_delete(fixture.world, 0, ID) == -EINVAL);
	EXPECT_FINDINGS(INV_L10, 1); /* is there */
	fake.answer = -ENOENT;
	CHECK(world_slot_delete(fixture.world, 0, 11) == -ENOENT);
	EXPECT_FINDINGS(INV_L10, 1); /* with another errno */
	stop();
}

static void set_kind(bool private)
{
	CHECK(!world_attributes_set(fixture.world, GPA, MMU_PAGE_SIZE, private ? MMU_ATTRIBUTE_PRIVATE : 0));
}

static void private_and_shared(void)
{
	struct mmu_slot_request request = {
		.id = ID + 1,
		.flags = MMU_SLOT_GMEM,
		.gpa = GPA + (NPAGES << MMU_PAGE_SHIFT),
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA + (NPAGES << MMU_PAGE_SHIFT),
		.gmem_offset = 4 << MMU_PAGE_SHIFT,
	};
	mmu_pfn_t file_page;

	start(MMU_VM_SW_PROTECTED);
	fake.during = read_it;
	set_kind(true);
	fake.during = NULL;
	EXPECT_FINDINGS(INV_Z4, 0);
	read_it();
	EXPECT_FINDINGS(INV_Z4, 1);
	set_kind(false);
	read_it();
	EXPECT_FINDINGS(INV_Z4, 0);

	request.gmem = world_gmem_create(fixture.world, 2 * NPAGES << MMU_PAGE_SHIFT);
	CHECK(request.gmem >= 0);
	CHECK(!world_slot_set(fixture.world, &request));
	CHECK(!world_slot_move(fixture.world, 0, ID, GFN + 1000));
	CHECK(!world_slot_delete(fixture.world, 0, ID + 1));
	request.gpa = GPA;
	CHECK(!world_slot_set(fixture.world, &request));
	file_page = new_page(HOST_PAGE_GMEM, 77, 4);
	map(file_page);
	read_it();
	EXPECT_FINDINGS(INV_Z4, 1);
	set_kind(true);
	read_it();
	EXPECT_FINDINGS(INV_Z4, 0);
	map(new_page(HOST_PAGE_GMEM, 77, 5));
	read_it();
	EXPECT_FINDINGS(INV_Z3, 1);
	map(file_page);
	world_gmem_close(fixture.world, request.gmem);
	read_it(); /* a fault may still hold the file */
	EXPECT_FINDINGS(INV_Z5, 0);
	world_settle(fixture.world);
	read_it();
	EXPECT_FINDINGS(INV_Z5, 1);
	stop();
}

/* The slot has a file, which is returned; the page is private. */
static int start_on_file(uint64_t flags)
{
	struct mmu_slot_request request = {
		.id = ID,
		.flags = MMU_SLOT_GMEM,
		.gpa = GPA,
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA,
	};

	start(MMU_VM_SW_PROTECTED);
	CHECK(!world_slot_delete(fixture.world, 0, ID));
	request.gmem = world_gmem_create_raw(fixture.world, NPAGES << MMU_PAGE_SHIFT, flags);
	CHECK(!world_slot_set(fixture.world, &request));
	set_kind(true);
	return request.gmem;
}

/* I-P7: what was written before a punch must not be read after it; nor what belongs to another page. */
static void contents_of_a_file(void)
{
	int file = start_on_file(0);

	map(new_page(HOST_PAGE_GMEM, 77, 0));
	read_it();
	write_it();
	read_it();
	EXPECT_FINDINGS(INV_P7, 0);
	CHECK(!world_gmem_punch(fixture.world, file, MMU_PAGE_SIZE, MMU_PAGE_SIZE));
	read_it();
	EXPECT_FINDINGS(INV_P7, 0);
	fake.during = read_it;
	CHECK(!world_gmem_punch(fixture.world, file, 0, MMU_PAGE_SIZE));
	fake.during = NULL;
	EXPECT_FINDINGS(INV_P7, 0);
	read_it();
	EXPECT_FINDINGS(INV_P7, 1);
	write_it();
	read_it();
	EXPECT_FINDINGS(INV_P7, 0);
	*(uint64_t *)host_pfn_to_va(fixture.cpu->tlb.small[GFN % TLB_SETS][0].pfn) =
		oracle_value(0, 77, 1, model_clock(&fixture.world->model), 0);
	read_it();
	EXPECT_FINDINGS(INV_P7, 1);
	stop();
}

/* One memory fault for the pending access, as the core might report it. */
static void report_fault(uint32_t access, gpa_t gpa, uint32_t told, int error)
{
	const struct mmu_run run = { .reason = MMU_RUN_MEMORY_FAULT, .gpa = gpa, .access = told };

	fixture.cpu->access = (struct guest_access){ .gpa = GPA, .access = access };
	fixture.cpu->pending = true;
	oracle_before_access(fixture.cpu, &fixture.cpu->access, &fixture.cpu->faulted);
	oracle_check_memory_fault(fixture.cpu, &run, error);
	fixture.cpu->pending = false;
}

static void memory_faults_and_mmio(void)
{
	const struct mmu_run mmio = { .reason = MMU_RUN_MMIO, .gpa = GPA, .access = MMU_READ };

	start(MMU_VM_SW_PROTECTED);
	report_fault(MMU_READ | MMU_PRIVATE, GPA, MMU_PRIVATE, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 0);
	report_fault(MMU_READ | MMU_PRIVATE, GPA, MMU_PRIVATE, -EIO);
	EXPECT_FINDINGS(INV_P3, 1);
	report_fault(MMU_READ | MMU_PRIVATE, GPA + MMU_PAGE_SIZE, MMU_PRIVATE, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 1);
	report_fault(MMU_READ | MMU_PRIVATE, GPA, 0, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 1);
	report_fault(MMU_READ, GPA, MMU_PRIVATE, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 1);
	/* The core takes the kind from the attribute; there is no file behind the slot. */
	set_kind(true);
	report_fault(MMU_READ, GPA, MMU_PRIVATE, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 0);
	fixture.cpu->access = (struct guest_access){ .gpa = GPA, .access = MMU_READ | MMU_PRIVATE };
	fixture.cpu->pending = true;
	oracle_check_mmio(fixture.cpu, &mmio);
	EXPECT_FINDINGS(INV_P4, 1);
	fixture.cpu->access.access = MMU_READ;
	oracle_check_mmio(fixture.cpu, &mmio);
	EXPECT_FINDINGS(INV_P4, 0);
	stop();
}

/* Private memory is there, nothing moves, and still the access is refused. */
static void a_memory_fault_that_is_not_deserved(void)
{
	start_on_file(0);
	report_fault(MMU_READ | MMU_PRIVATE, GPA, MMU_PRIVATE, -ENOMEM);
	EXPECT_FINDINGS(INV_P3, 0);
	report_fault(MMU_READ | MMU_PRIVATE, GPA, MMU_PRIVATE, -EFAULT);
	EXPECT_FINDINGS(INV_P3, 1);
	stop();
}

/* What is shared is the file's, too, or the process's, by how the file was made. */
static void a_file_that_backs_shared_memory(void)
{
	for (uint64_t flags = 0; flags <= MMU_GMEM_MMAP; flags++) {
		start_on_file(flags);
		set_kind(false);
		map(new_page(HOST_PAGE_GMEM, 77, 0));
		read_it();
		EXPECT_FINDINGS(INV_Z4, !flags);
		report_fault(MMU_READ, GPA, 0, -EFAULT);
		EXPECT_FINDINGS(INV_P3, flags);
		map(page);
		read_it();
		EXPECT_FINDINGS(INV_Z4, flags);
		set_kind(true);
		map(new_page(HOST_PAGE_GMEM, 77, 0));
		read_it();
		EXPECT_FINDINGS(INV_Z4, 0);
		stop();
	}
}

/* I-T4 and I-D1: the TLB entry outlives the write-protection, the write is never reported. */
static void logged_writes(void)
{
	const uint64_t first_page = 1;

	start(MMU_VM_DEFAULT);
	write_it();
	fake.during = write_it;
	CHECK(!world_slot_set_flags(fixture.world, 0, ID, MMU_SLOT_LOG_DIRTY));
	EXPECT_FINDINGS(INV_T4, 0);
	fake.during = NULL;
	CHECK(world_check_dirty(fixture.world) == 0);
	write_it();
	EXPECT_FINDINGS(INV_T4, 1);
	cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_ALL, MMU_NO_HPA);
	write_it();
	EXPECT_FINDINGS(INV_T4, 0);
	CHECK(world_check_dirty(fixture.world) == 1);
	EXPECT_FINDINGS(INV_D1, 1);
	fake.dirty = first_page << 1; /* another page: nothing is known of ours */
	CHECK(!world_dirty_get(fixture.world, 0, ID, NULL));
	write_it();
	CHECK(world_check_dirty(fixture.world) == 1);
	EXPECT_FINDINGS(INV_D1, 1);
	fake.dirty = first_page;
	fake.during = write_it;
	CHECK(!world_dirty_get(fixture.world, 0, ID, NULL));
	fake.during = NULL;
	CHECK(world_check_dirty(fixture.world) == 0);
	EXPECT_FINDINGS(INV_D1, 0);
	write_it();
	EXPECT_FINDINGS(INV_T4, 1);
	/* Not a write, or not by a translation that is too old: lawful. */
	read_it();
	cpu_guest_ops.flush(fixture.cpu, MMU_FLUSH_ALL, MMU_NO_HPA);
	write_it();
	EXPECT_FINDINGS(INV_T4, 0);
	stop();
}

/* With manual protection GET only shows; CLEAR reports, and protects what had been shown. */
static void logged_writes_with_manual_protection(void)
{
	const uint64_t first_page = 1;

	start(MMU_VM_DEFAULT);
	fixture.world->vm_config.manual_dirty_protect = true;
	fixture.world->vm_config.dirty_initially_set = true;
	write_it();
	CHECK(!world_slot_set_flags(fixture.world, 0, ID, MMU_SLOT_LOG_DIRTY));
	write_it(); /* initially-set does not write-protect */
	CHECK(world_check_dirty(fixture.world) == 1);
	EXPECT_FINDINGS(INV_D1, 1);
	CHECK(!world_dirty_clear(fixture.world, 0, ID, 0, NPAGES, &first_page));
	write_it(); /* nothing was shown, so nothing had to be protected */
	EXPECT_FINDINGS(INV_T4, 0);
	fake.dirty = first_page;
	CHECK(!world_dirty_get(fixture.world, 0, ID, NULL));
	write_it();
	EXPECT_FINDINGS(INV_T4, 0);
	CHECK(!world_dirty_clear(fixture.world, 0, ID, 0, NPAGES, &first_page));
	write_it();
	EXPECT_FINDINGS(INV_T4, 1);
	stop();
}

int main(void)
{
	history();
	pages_of_the_host();
	a_slot_goes_away();
	a_slot_of_the_other_address_space();
	a_read_only_slot();
	requests_that_must_be_refused();
	private_and_shared();
	contents_of_a_file();
	memory_faults_and_mmio();
	a_memory_fault_that_is_not_deserved();
	a_file_that_backs_shared_memory();
	logged_writes();
	logged_writes_with_manual_protection();
	return 0;
}
