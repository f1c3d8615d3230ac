// SPDX-License-Identifier: GPL-2.0-only
/*
 * visibility_threads_test.c - guests in both modes, on VMs of each design, while what one mode sees changes under them
 * and the host takes pages away (spec.md RC-11).
 *
 * Memory is seen by both modes, then in the mode only, where other memory or none is there outside, then by both again.
 * The thread that changes it says so by an epoch, odd meanwhile: in the guest a translation that is in use has to be
 * right for what is seen at any moment at which the epoch is even, however long ago the tables were walked.
 * Locking: epoch, counts and what was written are relaxed atomics, so that they order nothing for the core.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include "../host_check.h"
#include "vmm.h"

#define BASE 512
#define NPAGES 1024 /* two leafs of 2M */
#define FIRST 600 /* where only gfns are told apart: part of both leafs */
#define LAST 1100
#define HVA HOST_HVA_BASE
#define OTHER_HVA (HVA + PAGES(NPAGES))
#define STATE_GFN 0x3f
#define STATE_HVA (HVA + PAGES(2 * NPAGES))
#define CPUS 2
#define CHANGES 60
#define ACCESSES 60 /* between two changes, at least */
#define NOWHERE 0
#define IDS_FROM 1000

struct guest {
	struct vmm_cpu cpu; /* first */
	uint64_t settled[2]; /* accesses during which nothing changed, by what mode 0 sees */
};

static struct host_mm *mm;
static struct vmm vmm;
static struct guest guests[CPUS];
static uint32_t log_flag, epoch, accesses, stop;
static bool written[2 * NPAGES];

static void relaxed_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static uint32_t relaxed_get(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* ----------------------------------------------------------------------------------------------- what is to be seen */

static bool has_other_memory(void)
{
	return vmm.vm->nr_as > 1;
}

/* The page of the process, or NOWHERE. */
static uint64_t seen(uint32_t at, unsigned int mode, gfn_t gfn)
{
	bool hidden = (at / 2 & 1) && !mode && (!vmm.vm->vis.design->by_gfn || (gfn >= FIRST && gfn < LAST));

	if (hidden && !has_other_memory())
		return NOWHERE;
	return ((hidden ? OTHER_HVA : HVA) >> MMU_PAGE_SHIFT) + gfn - BASE;
}

static void check_seen(uint32_t at, unsigned int mode, gfn_t gfn, uint64_t page)
{
	if (at % 2)
		CHECK(page == seen(at - 1, mode, gfn) || page == seen(at + 1, mode, gfn));
	else
		CHECK(page == seen(at, mode, gfn));
}

/* ----------------------------------------------------------------------------------------------------------- guests */

static void in_guest(struct vmm_cpu *cpu)
{
	const struct host_page *page = host_page(cpu->reached);
	/* Sometimes as long as a change takes: it has to wait until this translation is out of use. */
	unsigned int mode = vis_mode(cpu->vcpu), stay = host_random() % (host_random() % 32 ? 64 : 131072);

	for (unsigned int i = 0; i <= stay; i++) {
		uint64_t location = __atomic_load_n(&page->location, __ATOMIC_RELAXED);
		uint8_t flags = __atomic_load_n(&page->flags, __ATOMIC_RELAXED);

		CHECK(__atomic_load_n(&page->kind, __ATOMIC_RELAXED) == HOST_PAGE_ANON);
		CHECK(!(flags & (HOST_PAGE_REVOKED | (cpu->access & MMU_WRITE ? HOST_PAGE_READONLY : 0))));
		check_seen(relaxed_get(&epoch), mode, cpu->gfn, location);
		if (cpu->access & MMU_WRITE)
			__atomic_store_n(&written[location - (HVA >> MMU_PAGE_SHIFT)], true, __ATOMIC_RELAXED);
	}
}

static void access_some(struct guest *guest)
{
	static const uint32_t kinds[] = { MMU_READ, MMU_WRITE, MMU_EXEC };
	gfn_t gfn = BASE + host_random() % NPAGES;
	uint32_t before = relaxed_get(&epoch), after;
	mmu_pfn_t reached = vmm_access(&guest->cpu, gfn, kinds[host_random() % 3]);

	after = relaxed_get(&epoch);
	if (before == after && before % 2 == 0) {
		guest->settled[before / 2 & 1]++;
		CHECK((reached == MMU_NO_PFN) == (seen(before, vis_mode(guest->cpu.vcpu), gfn) == NOWHERE));
	}
	__atomic_add_fetch(&accesses, 1, __ATOMIC_RELAXED);
}

static void run_guest(void *argument)
{
	struct guest *guest = argument;

	while (!relaxed_get(&stop)) {
		if (host_random() % 16 == 0)
			vmm_mode(&guest->cpu, host_random() % 2);
		access_some(guest);
	}
}

/* ------------------------------------------------------------------------------------------------------ the changes */

static void set_slot(uint16_t as_id, uint32_t wanted, hva_t hva)
{
	const struct mmu_slot_request request = {
		.as_id = as_id,
		.id = IDS_FROM + as_id,
		.flags = log_flag | wanted << GMM_SLOT_WANTS_SHIFT,
		.gpa = PAGES(BASE),
		.bytes = PAGES(NPAGES),
		.hva = hva,
		.gmem = MMU_GMEM_NONE,
	};

	CHECK(!gmm_slot_set_request(vmm.vm, &request, false));
}

static void add(unsigned int modes, hva_t hva)
{
	const struct vmm_region region = {
		.base = BASE, .npages = NPAGES, .modes = modes, .hva = hva, .flags = log_flag
	};

	CHECK(!vmm_add(&vmm, &region));
}

static void show(bool in_mode_only)
{
	const struct vis_design *design = vmm.vm->vis.design;

	if (design->by_gfn) {
		CHECK(!gmm_attributes_set(vmm.vm, PAGES(FIRST), PAGES(LAST - FIRST),
					  (uint64_t)in_mode_only << VIS_ATTRIBUTE_WANTS_SHIFT, 0));
		return;
	}
	if (design->by_slot) {
		set_slot(0, in_mode_only, HVA);
		return;
	}
	vmm_remove(&vmm, BASE, NPAGES);
	add(in_mode_only ? 2 : 3, HVA);
	if (in_mode_only)
		add(1, OTHER_HVA);
}

static bool dirty[2 * NPAGES];

static void note_dirty(void *context, hva_t hva)
{
	(void)context;
	if (hva != STATE_HVA)
		dirty[(hva - HVA) >> MMU_PAGE_SHIFT] = true;
}

static void wait_for_guests(uint32_t count)
{
	uint32_t from = relaxed_get(&accesses);

	while (relaxed_get(&accesses) - from < count && !relaxed_get(&stop))
		host_yield();
}

static void change(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < CHANGES; i++) {
		uint32_t from = relaxed_get(&epoch);

		wait_for_guests(ACCESSES);
		relaxed_set(&epoch, from + 1);
		show((from + 2) / 2 & 1);
		relaxed_set(&epoch, from + 2);
		if (log_flag && host_random() % 2)
			vmm_harvest(&vmm, note_dirty, NULL);
	}
	wait_for_guests(ACCESSES);
	relaxed_set(&stop, 1);
}

static void run_host(void *argument)
{
	(void)argument;
	while (!relaxed_get(&stop)) {
		uint64_t random = host_random();
		hva_t hva = HVA + PAGES(random % (2 * NPAGES - 64));

		switch (random >> 32 & 3) {
		case 0:
			host_mm_unmap(mm, hva, 1 + (random >> 40 & 63));
			break;
		case 1:
			host_mm_migrate(mm, hva);
			break;
		case 2:
			host_mm_protect(mm, hva, 8);
			break;
		default:
			host_mm_collapse(mm, hva);
			break;
		}
		/* It holds the lock while it waits for guests, and changes would begin when it does not. */
		wait_for_guests(ACCESSES / 4);
	}
}

/* -------------------------------------------------------------------------------------------------------- the whole */

static void begin(enum vis_backend backend)
{
	const struct host_mm_area area = { .start = HVA, .npages = 2 * NPAGES + 1, .level_max = 2, .writable = true };
	const struct vmm_region state = { .base = STATE_GFN, .npages = 1, .modes = 3, .hva = STATE_HVA };

	mm = host_mm_create();
	CHECK(mm && !host_mm_area_add(mm, &area));
	vmm_begin(&vmm, mm, backend, 1);
	CHECK(!vmm_add(&vmm, &state));
	accesses = stop = 0;
	epoch = 0;
	memset(written, 0, sizeof(written));
	memset(dirty, 0, sizeof(dirty));
	for (unsigned int i = 0; i < CPUS; i++) {
		guests[i] = (struct guest){ 0 };
		vmm_cpu_begin(&guests[i].cpu, &vmm, i);
		guests[i].cpu.in_guest = in_guest;
	}
	if (backend == VIS_OVERLAY_B) {
		/* Attributes may be there before the slots, whose large frames have to know of them. */
		show(true);
		epoch = 2;
		set_slot(1, 0, OTHER_HVA);
	}
	if (vmm.vm->vis.design->by_gfn || vmm.vm->vis.design->by_slot)
		set_slot(0, 0, HVA);
	else
		add(3, HVA);
}

/* Slots that go take their logs with them. */
static void check_log(void)
{
	if (!log_flag || !(vmm.vm->vis.design->by_gfn || vmm.vm->vis.design->by_slot))
		return;
	vmm_harvest(&vmm, note_dirty, NULL);
	for (unsigned int page = 0; page < 2 * NPAGES; page++)
		CHECK(dirty[page] || !written[page]);
}

static void everybody_at_once(enum vis_backend backend)
{
	struct host_thread *threads[CPUS + 2];
	uint64_t settled[2] = { 0 };

	begin(backend);
	for (unsigned int i = 0; i < CPUS; i++)
		threads[i] = start("guest", run_guest, &guests[i]);
	threads[CPUS] = start("changes", change, NULL);
	threads[CPUS + 1] = start("host", run_host, NULL);
	for (unsigned int i = 0; i < CPUS + 2; i++)
		host_thread_join(threads[i]);
	for (unsigned int i = 0; i < CPUS; i++) {
		settled[0] += guests[i].settled[0];
		settled[1] += guests[i].settled[1];
	}
	CHECK(settled[0] && settled[1]);
	check_log();
	vmm_end(&vmm);
	host_mm_destroy(mm);
	host_rcu_barrier();
	CHECK(!host_pages_live(HOST_PAGE_CORE));
	printf("%s, %s ok\n", vis_name(backend), log_flag ? "logged" : "not logged");
}

int main(int argc, char *argv[])
{
	const struct host_config config = { .seed = 11, .preempt_ppm = 2000 };
	const struct mmu_core_config machine = {
		.paging = MMU_PAGING_NPT, .root_level = 4, .maxphyaddr = 46, .level_max = 2, .tdp = true
	};

	host_start(&config);
	CHECK(argc == 1 || !reference_set_plant(argv[1]));
	CHECK(!reference_init(&machine));
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		for (unsigned int logged = 0; logged < 2; logged++) {
			log_flag = logged ? MMU_SLOT_LOG_DIRTY : 0;
			everybody_at_once(backend);
		}
	}
	CHECK(!reports_total());
	return 0;
}
