// SPDX-License-Identifier: GPL-2.0-only
/*
 * visibility_test.c - VMs of each design of gmm/visibility.h against a plain table of what each mode finds at each gfn:
 * all that can be said of two gfns with one mode bit, and of one gfn with two; random regions; what a design costs.
 *
 * What is found is what a guest reaches, by faults or by entries that are there.
 * With the id of a planted bug as its argument it has to fail; with --costs it prints the table of docs/REFERENCE.md.
 */
#include <errno.h>

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

static void choose(enum vis_backend backend)
{
	vmm = &machines[backend].vmm;
	cpu = &machines[backend].cpu;
}

static int add(gfn_t base, uint64_t npages, unsigned int modes, hva_t hva, uint32_t flags)
{
	const struct vmm_region region = {
		.base = base, .npages = npages, .modes = modes, .hva = hva, .flags = flags | MMU_SLOT_LOG_DIRTY
	};

	return vmm_add(vmm, &region);
}

static void process_begin(void)
{
	const struct host_mm_area area = { .start = HVA, .npages = HOST_NPAGES, .level_max = 1, .writable = true };

	mm = host_mm_create();
	CHECK(mm && !host_mm_area_add(mm, &area));
}

static void machine_begin(enum vis_backend backend, unsigned int bits)
{
	choose(backend);
	vmm_begin(vmm, mm, backend, bits);
	CHECK(!add(STATE_GFN, 1, ALL_MODES(bits), STATE_HVA, 0));
	vmm_cpu_begin(cpu, vmm, 0);
}

static void begin(enum vis_backend backend, unsigned int bits)
{
	process_begin();
	machine_begin(backend, bits);
}

static void end(void)
{
	vmm_end(vmm);
	host_mm_destroy(mm);
}

static hva_t hva_of(enum found found, gfn_t gfn)
{
	return HVA + PAGES(gfn + (found == PAGE_B ? GFNS_MAX : 0));
}

static unsigned int modes_with(const struct layout *layout, gfn_t gfn, enum found found)
{
	unsigned int modes = 0;

	for (unsigned int mode = 0; mode < 1u << layout->bits; mode++)
		modes |= (unsigned int)(layout->found[gfn][mode] == found) << mode;
	return modes;
}

/* Gfn by gfn; false: the design cannot say it. */
static bool say(const struct layout *layout)
{
	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++) {
		for (enum found found = PAGE_A; found < FOUND; found++) {
			unsigned int modes = modes_with(layout, gfn, found);
			uint32_t flags = found == PAGE_A_READONLY ? MMU_SLOT_READONLY : 0;
			int error = modes ? add(gfn, 1, modes, hva_of(found, gfn), flags) : 0;

			/* Where slots of one set would overlap, it is the VM that says so. */
			CHECK(!error || error == -EOPNOTSUPP || error == -EEXIST);
			if (error)
				return false;
		}
	}
	return true;
}

static void check_access(gfn_t gfn, enum found found, uint32_t access)
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

static void note_dirty(void *context, hva_t hva)
{
	(void)context;
	CHECK(hva >= HVA && (hva - HVA) >> MMU_PAGE_SHIFT < HOST_NPAGES);
	dirty[(hva - HVA) >> MMU_PAGE_SHIFT] = true;
}

/* Two rounds, so that the second finds what the first has left in the tables. */
static void access_all(const struct layout *layout, bool written[HOST_NPAGES])
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
static void check_all(const struct layout *layout)
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

static bool try(const struct layout *layout)
{
	bool said = say(layout);

	if (said)
		check_all(layout);
	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++)
		vmm_remove(vmm, gfn, 1);
	return said;
}

/* ---------------------------------------------------------------------------------------------- what can be said */

/* All modes that have the bits of @wanted find one thing, those that lack one another, of which @b may be there. */
static bool is_overlay(const struct layout *layout, gfn_t gfn, unsigned int wanted, bool b)
{
	const enum found *found = layout->found[gfn];
	unsigned int with = (1u << layout->bits) - 1;
	enum found without = wanted ? found[0] : NOTHING;

	if (without != NOTHING && !b)
		return false;
	for (unsigned int mode = 0; mode < 1u << layout->bits; mode++) {
		if (found[mode] != (wanted & ~mode ? without : found[with]))
			return false;
	}
	return true;
}

static bool can_say(enum vis_backend backend, const struct layout *layout)
{
	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++) {
		bool can = backend == VIS_SPACES || backend == VIS_TRISTATE;

		for (unsigned int wanted = 0; wanted < 1u << layout->bits; wanted++)
			can |= is_overlay(layout, gfn, wanted, backend == VIS_OVERLAY_B);
		if (!can)
			return false;
	}
	return true;
}

static void each_layout(unsigned int bits, gfn_t gfns, unsigned int said[VIS_BACKENDS])
{
	unsigned int cells = (unsigned int)gfns << bits, all = 1u << 2 * cells;

	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		begin(backend, bits);
		for (unsigned int number = 0; number < all; number++) {
			struct layout layout = { .bits = bits, .gfns = gfns };
			bool can;

			for (unsigned int cell = 0; cell < cells; cell++)
				layout.found[cell >> bits][cell & ((1u << bits) - 1)] = number >> 2 * cell & 3;
			can = try(&layout);
			CHECK(can == can_say(backend, &layout));
			said[backend] += can;
		}
		end();
	}
	CHECK(said[VIS_SPACES] == all && said[VIS_TRISTATE] == all);
	CHECK(said[VIS_FLAG] == said[VIS_OVERLAY_A] && said[VIS_FLAG] < said[VIS_OVERLAY_B]);
}

/* One gfn: the same in both modes 4 times, or there in the mode only 3 times; with B always. */
static void two_gfns_one_bit(void)
{
	unsigned int said[VIS_BACKENDS] = { 0 };

	each_layout(1, 2, said);
	CHECK(said[VIS_FLAG] == 7 * 7 && said[VIS_OVERLAY_B] == 256);
}

static void one_gfn_two_bits(void)
{
	unsigned int said[VIS_BACKENDS] = { 0 };

	each_layout(2, 1, said);
	CHECK(said[VIS_OVERLAY_B] < 256);
}

/* The rows of the table in spec.md S0.6, out of the mode and in it. */
static void the_table_of_the_specification(void)
{
	static const struct {
		enum found out, in;
		bool said[VIS_BACKENDS];
	} rows[] = {
		{ NOTHING, PAGE_A, { 1, 1, 1, 1, 1 } }, /* memory of the mode alone, a hole outside */
		{ PAGE_B, PAGE_A, { 1, 0, 1, 0, 1 } }, /* over other memory (VGA) */
		{ PAGE_A, NOTHING, { 1, 0, 1, 0, 1 } }, /* MMIO in the mode, memory outside */
		{ PAGE_A_READONLY, PAGE_A, { 1, 0, 1, 0, 1 } }, /* other permissions */
	};

	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		begin(backend, 1);
		for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct layout layout = { .bits = 1, .gfns = 1, .found[0] = { rows[i].out, rows[i].in } };

			CHECK(try(&layout) == rows[i].said[backend]);
		}
		end();
	}
}

/* Two that a mode would both see are refused by all, whatever they can say. */
static void overlaps_are_refused(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		int error;

		begin(backend, 1);
		CHECK(!add(4, 4, 3, HVA, 0));
		error = add(7, 4, 2, HVA, 0);
		CHECK(error == -EEXIST || (error == -EOPNOTSUPP && vmm->vm->vis.design->by_gfn));
		CHECK(!add(8, 4, 2, HVA, 0));
		fail_allocations(1000000);
		CHECK(add(16, 4, 2, HVA, 0) == -ENOMEM);
		fail_allocations(0);
		CHECK(vmm_access(cpu, 16, MMU_READ) == MMU_NO_PFN);
		end();
	}
}

/* --------------------------------------------------------------------------------------------------- changes, roles */

static void flag(uint16_t id, bool wanted)
{
	const struct mmu_slot_request request = {
		.id = id,
		.flags = MMU_SLOT_LOG_DIRTY | (uint32_t)wanted << GMM_SLOT_WANTS_SHIFT,
		.gpa = PAGES(8),
		.bytes = PAGES(16),
		.hva = HVA + PAGES(8),
		.gmem = MMU_GMEM_NONE,
	};

	CHECK(!gmm_slot_set_request(vmm->vm, &request, false));
}

/* Where the design can say so in place, else by slots that go and come. */
static void show(bool in_mode_only)
{
	if (vmm->vm->vis.design->by_gfn) {
		CHECK(!gmm_attributes_set(vmm->vm, PAGES(8), PAGES(16),
					  (uint64_t)in_mode_only << VIS_ATTRIBUTE_WANTS_SHIFT, 0));
	} else if (vmm->vm->vis.design->by_slot) {
		flag(1, in_mode_only);
	} else {
		vmm_remove(vmm, 8, 16);
		CHECK(!add(8, 16, in_mode_only ? 2 : 3, HVA + PAGES(8), 0));
	}
}

/* The same gfns are seen by all, then in the mode only, then by all again: nobody goes on with what was. */
static void changes_are_zapped(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct layout layout = { .bits = 1, .gfns = GFNS_MAX };

		begin(backend, 1);
		CHECK(!add(8, 16, 3, HVA + PAGES(8), 0));
		for (unsigned int i = 0; i < 4; i++) {
			for (gfn_t gfn = 8; gfn < 24; gfn++) {
				layout.found[gfn][0] = i % 2 ? NOTHING : PAGE_A;
				layout.found[gfn][1] = PAGE_A;
			}
			show(i % 2);
			check_all(&layout);
		}
		end();
	}
}

struct op {
	gfn_t base;
	unsigned int modes;
	enum found found;
	bool adds;
};

/* If this machine can say it. */
static void apply(struct layout *layout, const struct op *op)
{
	uint32_t flags = op->found == PAGE_A_READONLY ? MMU_SLOT_READONLY : 0;
	bool added = op->adds && !add(op->base, 8, op->modes, hva_of(op->found, op->base), flags);

	if (!added)
		vmm_remove(vmm, op->base, 8);
	for (gfn_t gfn = op->base; gfn < op->base + 8; gfn++) {
		for (unsigned int mode = 0; mode < 1u << layout->bits; mode++) {
			if (!added)
				layout->found[gfn][mode] = NOTHING;
			else if (op->modes >> mode & 1)
				layout->found[gfn][mode] = op->found;
		}
	}
}

/* The host takes pages, or moves them, or shares them until they are written. */
static void host_event(void)
{
	uint64_t random = host_random();
	hva_t hva = HVA + PAGES(random % (2 * GFNS_MAX - 8));

	if (random >> 32 & 1)
		host_mm_unmap(mm, hva, 8);
	else if (random >> 33 & 1)
		host_mm_protect(mm, hva, 8);
	else
		host_mm_migrate(mm, hva);
}

static void random_change(unsigned int bits)
{
	const struct op op = {
		.base = host_random() % (GFNS_MAX / 8) * 8,
		.modes = (unsigned int)(host_random() % ALL_MODES(bits)) + 1,
		.found = PAGE_A + host_random() % (FOUND - PAGE_A),
		.adds = host_random() % 4,
	};

	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		choose(backend);
		apply(&machines[backend].layout, &op);
	}
}

/*
 * Machines of all designs on one process: regions of several pages come and go, the host takes memory away, and each
 * guest does the same.  Whatever a machine could say is reached in it as it is in the others.
 */
static void the_same_everywhere(unsigned int bits, enum vis_role role)
{
	process_begin();
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		machines[backend].layout = (struct layout){ .bits = bits, .gfns = GFNS_MAX };
		machines[backend].vmm.role = role;
		machine_begin(backend, bits);
	}
	for (unsigned int i = 0; i < 200; i++) {
		if (i % 2)
			host_event();
		else
			random_change(bits);
		for (enum vis_backend backend = 0; backend < VIS_BACKENDS && i % 4 == 3; backend++) {
			choose(backend);
			check_all(&machines[backend].layout);
		}
	}
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++)
		vmm_end(&machines[backend].vmm);
	host_mm_destroy(mm);
}

static void random_regions(void)
{
	the_same_everywhere(1, VIS_ROLE_SMM);
	the_same_everywhere(2, VIS_ROLE_SMM);
	the_same_everywhere(2, VIS_ROLE_AS_ID);
}

/* Both words say the same: equal in one, equal in the other, and what was put in comes out. */
static void roles_are_renamed(void)
{
	for (unsigned int a = 0; a < 64; a++) {
		for (unsigned int b = 0; b < 64; b++) {
			bool same[VIS_ROLES];

			for (enum vis_role kind = 0; kind < VIS_ROLES; kind++) {
				CHECK(vis_mode_of_role(kind, vis_role(kind, a / 4, a % 4)) == a % 4);
				same[kind] = vis_role(kind, a / 4, a % 4) == vis_role(kind, b / 4, b % 4);
			}
			CHECK(same[VIS_ROLE_SMM] == (a == b) && same[VIS_ROLE_AS_ID] == (a == b));
		}
	}
}

/* -------------------------------------------------------------------------------------------------------- costs */

/* A machine as all five can have it: RAM below and above 4G, a hole where only the mode has memory. */
static void add_machine(unsigned int bits)
{
	const unsigned int all = ALL_MODES(bits);

	CHECK(!add(0, 0xa0, all, HVA, 0));
	CHECK(!add(0xa0, 0x20, all & 0xa, HVA + 0xa0000, 0));
	CHECK(!add(0x100, 0x7ff00, all, HVA + 0x100000, 0));
	CHECK(!add(0x100000, 0x80000, all, HVA + 0x80000000, 0));
}

/* Two bitmaps, so that one can be handed out, and a count for each frame of 2M and 1G (spec.md S0.3). */
static uint64_t slot_bytes(const struct gmm_slot *slot)
{
	uint64_t bytes = sizeof(*slot) + 2 * (slot->npages + 63) / 64 * sizeof(uint64_t);

	for (int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint64_t npages = mmu_level_npages(level);

		bytes += ((slot->base + slot->npages - 1) / npages - slot->base / npages + 1) * sizeof(uint32_t);
	}
	return bytes;
}

/* Of a fault's way to its slot, by a vCPU that knows none yet. */
static unsigned long lookups_of(unsigned int mode, gfn_t gfn)
{
	uint64_t before = cpu->vcpu->lookups, generation;
	int index = host_srcu_read_lock(vmm->vm->srcu);

	gmm_role_set(cpu->vcpu, vis_role(VIS_ROLE_SMM, cpu->vcpu->role & 0xffffff, mode));
	gmm_vcpu_slot(cpu->vcpu, gfn, &generation);
	host_srcu_read_unlock(vmm->vm->srcu, index);
	return (unsigned long)(cpu->vcpu->lookups - before);
}

static void print_row(enum vis_backend backend, unsigned int bits)
{
	uint64_t bytes, slots = 0;

	choose(backend);
	vmm_begin(vmm, mm, backend, bits);
	vmm_cpu_begin(cpu, vmm, 0);
	add_machine(bits);
	bytes = gmm_radix_bytes(&vmm->vm->attributes);
	for (unsigned int set = 0; set < vmm->vm->nr_as; set++) {
		gmm_for_each_slot(slot, vmm->vm->slots[set].active)
		{
			bytes += slot_bytes(slot);
			slots++;
		}
	}
	printf("| %s, k = %u | %lu | %lu | %lu | %lu | %lu |\n", vis_name(backend), bits, (unsigned long)slots,
	       (unsigned long)(bytes + 512) / 1024, lookups_of(0, 0x200), lookups_of(1, 0xa0), lookups_of(0, 0xa0));
	vmm_end(vmm);
}

static void print_costs(void)
{
	mm = host_mm_create();
	CHECK(mm);
	for (unsigned int bits = 1; bits <= VIS_BITS_MAX; bits++) {
		for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++)
			print_row(backend, bits);
	}
	host_mm_destroy(mm);
}

int main(int argc, char *argv[])
{
	const struct host_config config = { .seed = 7 };
	const struct mmu_core_config machine = {
		.paging = MMU_PAGING_NPT, .root_level = 4, .maxphyaddr = 46, .level_max = 3, .tdp = true
	};

	host_start(&config);
	CHECK(!reference_init(&machine));
	if (argc > 1 && !strcmp(argv[1], "--costs")) {
		print_costs();
		return 0;
	}
	CHECK(argc == 1 || !reference_set_plant(argv[1]));
	RUN(the_table_of_the_specification);
	RUN(two_gfns_one_bit);
	RUN(one_gfn_two_bits);
	RUN(overlaps_are_refused);
	RUN(changes_are_zapped);
	RUN(random_regions);
	RUN(roles_are_renamed);
	CHECK(!reports_total());
	return 0;
}
