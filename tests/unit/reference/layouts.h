/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layouts.h - VMs of each design of gmm/visibility.h, and a plain table of what each mode has to find at each gfn.
 *
 * What is found is what a guest reaches, by faults or by entries that are there.
 */
#ifndef TESTS_UNIT_REFERENCE_LAYOUTS_H
#define TESTS_UNIT_REFERENCE_LAYOUTS_H

#include "../host_check.h"
#include "vmm.h"

#define HVA HOST_HVA_BASE
#define GFNS_MAX 48
#define HOST_NPAGES (2 * GFNS_MAX + 1)
#define STATE_GFN 0x3f /* where the CPU saves what it comes back to */
#define STATE_HVA (HVA + PAGES(2 * GFNS_MAX))
#define ALL_MODES(bits) ((1u << (1u << (bits))) - 1)

/* What may be at a gfn in a mode. */
enum found {
	NOTHING,
	PAGE_A,
	PAGE_A_READONLY,
	PAGE_B,
	FOUND,
};

struct layout {
	unsigned int bits;
	gfn_t gfns;
	enum found found[GFNS_MAX][VIS_MODES_MAX];
};

static struct host_mm *mm;
static struct machine {
	struct vmm vmm;
	struct vmm_cpu cpu;
	struct layout layout;
} machines[VIS_BACKENDS];

/* The one that is talked to. */
static struct vmm *vmm;
static struct vmm_cpu *cpu;

/* Host, core, and the planted bug that the test is told to have. */
static inline void layouts_start(int argc, char *argv[])
{
	const struct host_config config = { .seed = 7 };
	const struct mmu_core_config machine = {
		.paging = MMU_PAGING_NPT, .root_level = 4, .maxphyaddr = 46, .level_max = 3, .tdp = true
	};

	host_start(&config);
	CHECK(argc == 1 || !reference_set_plant(argv[1]));
	CHECK(!reference_init(&machine));
}

static inline void choose(enum vis_backend backend)
{
	vmm = &machines[backend].vmm;
	cpu = &machines[backend].cpu;
}

static inline int add(gfn_t base, uint64_t npages, unsigned int modes, hva_t hva, uint32_t flags)
{
	const struct vmm_region region = {
		.base = base, .npages = npages, .modes = modes, .hva = hva, .flags = flags | MMU_SLOT_LOG_DIRTY
	};

	return vmm_add(vmm, &region);
}

static inline void process_begin(void)
{
	const struct host_mm_area area = { .start = HVA, .npages = HOST_NPAGES, .level_max = 1, .writable = true };

	mm = host_mm_create();
	CHECK(mm && !host_mm_area_add(mm, &area));
}

static inline void machine_begin(enum vis_backend backend, unsigned int bits)
{
	choose(backend);
	vmm_begin(vmm, mm, backend, bits);
	CHECK(!add(STATE_GFN, 1, ALL_MODES(bits), STATE_HVA, 0));
	vmm_cpu_begin(cpu, vmm, 0);
}

static inline void begin(enum vis_backend backend, unsigned int bits)
{
	process_begin();
	machine_begin(backend, bits);
}

static inline void end(void)
{
	vmm_end(vmm);
	host_mm_destroy(mm);
}

static inline hva_t hva_of(enum found found, gfn_t gfn)
{
	return HVA + PAGES(gfn + (found == PAGE_B ? GFNS_MAX : 0));
}

static inline void check_access(gfn_t gfn, enum found found, uint32_t access)
{
	bool may = found != NOTHING && !(found == PAGE_A_READONLY && (access & MMU_WRITE));
	mmu_pfn_t reached = vmm_access(cpu, gfn, access);
	struct host_mm_mapping mapping;

	CHECK((reached != MMU_NO_PFN) == may);
	if (may)
		CHECK(host_mm_lookup(mm, hva_of(found, gfn), &mapping) && mapping.pfn == reached);
}

/* ------------------------------------------------------------------------------------------ dirty pages of the host */

static bool dirty[HOST_NPAGES];

static inline void note_dirty(void *context, hva_t hva)
{
	(void)context;
	CHECK(hva >= HVA && (hva - HVA) >> MMU_PAGE_SHIFT < HOST_NPAGES);
	dirty[(hva - HVA) >> MMU_PAGE_SHIFT] = true;
}

/* Two rounds, so that the second finds what the first has left in the tables. */
static inline void access_all(const struct layout *layout, bool written[HOST_NPAGES])
{
	const unsigned int modes = 1u << layout->bits;

	for (unsigned int visit = 0; visit < 2 * modes; visit++) {
		unsigned int mode = visit % modes;

		vmm_mode(cpu, mode);
		for (gfn_t gfn = 0; gfn < layout->gfns; gfn++) {
			enum found found = layout->found[gfn][mode];

			check_access(gfn, found, MMU_READ);
			check_access(gfn, found, MMU_EXEC);
			if ((gfn + mode) % 3 == 0)
				continue;
			check_access(gfn, found, MMU_WRITE);
			if (found == PAGE_A || found == PAGE_B)
				written[(hva_of(found, gfn) - HVA) >> MMU_PAGE_SHIFT] = true;
		}
	}
	vmm_mode(cpu, 0);
}

/* Whatever slots a write is logged in, the pages of the process that are dirty are those that were written. */
static inline void check_all(const struct layout *layout)
{
	const uint64_t state = (STATE_HVA - HVA) >> MMU_PAGE_SHIFT;
	bool written[HOST_NPAGES] = { 0 };

	access_all(layout, written);
	memset(dirty, 0, sizeof(dirty));
	vmm_harvest(vmm, note_dirty, NULL);
	CHECK(dirty[state] == (layout->bits == 1)); /* the CPU's own writes are logged, too */
	dirty[state] = false;
	CHECK(!memcmp(dirty, written, sizeof(dirty)));
}

#endif
