// SPDX-License-Identifier: GPL-2.0-only
/*
 * visibility_test.c - what the designs of gmm/visibility.h can say: of two gfns with one mode bit, and of one gfn with
 * two; what they refuse; what they cost.
 *
 * With --costs it prints the table of docs/REFERENCE.md.
 */
#include <errno.h>

#include "layouts.h"

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

static bool try(const struct layout *layout)
{
	bool said = say(layout);

	if (said)
		check_all(layout);
	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++)
		vmm_remove(vmm, gfn, 1);
	return said;
}

/* ------------------------------------------------------------------------------------------------- what can be said */

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

/* ------------------------------------------------------------------------------------------------------------ costs */

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
	bool costs = argc > 1 && !strcmp(argv[1], "--costs");

	layouts_start(costs ? 1 : argc, argv);
	if (costs) {
		print_costs();
		return 0;
	}
	RUN(the_table_of_the_specification);
	RUN(two_gfns_one_bit);
	RUN(one_gfn_two_bits);
	RUN(overlaps_are_refused);
	RUN(roles_are_renamed);
	CHECK(!reports_total());
	return 0;
}
