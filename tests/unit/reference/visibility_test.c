// SPDX-License-Identifier: GPL-2.0-only
/*
 * visibility_test.c - the designs of gmm/visibility.h against a plain table of what each mode finds at each gfn: all
 * that can be said of two gfns with one mode bit, and of one gfn with two; random regions; tables of entries that have
 * to forget; what a design costs.
 *
 * With the id of a planted bug as its argument it has to fail; with --costs it prints the table of docs/REFERENCE.md.
 */
#include <errno.h>

#include "../host_check.h"
#include "adapter/adapter.h"
#include "gmm/visibility.h"

#define HVA 0x10000000ull
#define GFNS_MAX 64
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

static hva_t hva_of(enum found found, gfn_t gfn)
{
	return HVA + (gfn << MMU_PAGE_SHIFT) + (found == PAGE_B ? GFNS_MAX << MMU_PAGE_SHIFT : 0);
}

static unsigned int modes_with(const struct layout *layout, gfn_t gfn, enum found found)
{
	unsigned int modes = 0;

	for (unsigned int mode = 0; mode < 1u << layout->bits; mode++)
		modes |= (unsigned int)(layout->found[gfn][mode] == found) << mode;
	return modes;
}

/* Gfn by gfn; false: the design cannot say it. */
static bool say(struct vis *vis, const struct layout *layout)
{
	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++) {
		for (enum found found = PAGE_A; found < FOUND; found++) {
			struct vis_region region = {
				.base = gfn,
				.npages = 1,
				.modes = modes_with(layout, gfn, found),
				.hva = hva_of(found, gfn),
				.readonly = found == PAGE_A_READONLY,
			};
			int error = region.modes ? vis_add(vis, &region) : 0;

			CHECK(!error || error == -EOPNOTSUPP);
			if (error)
				return false;
		}
	}
	return true;
}

static void check_found(struct vis *vis, unsigned int mode, gfn_t gfn, enum found found)
{
	struct gmm_slot *slot = vis_find(vis, mode, gfn);

	CHECK(!slot == (found == NOTHING));
	if (!slot)
		return;
	CHECK(vis_hva(slot, gfn) == hva_of(found, gfn));
	CHECK(!(slot->flags & MMU_SLOT_READONLY) == (found != PAGE_A_READONLY));
}

/* ------------------------------------------------------------------------------------------ dirty pages of the host */

static bool dirty[2 * GFNS_MAX];

static void note_dirty(void *context, hva_t hva)
{
	(void)context;
	CHECK(hva >= HVA && (hva - HVA) >> MMU_PAGE_SHIFT < 2 * GFNS_MAX);
	dirty[(hva - HVA) >> MMU_PAGE_SHIFT] = true;
}

/* Whatever slots a write is logged in, the pages of the process that are dirty are those that were written. */
static void check_writes(struct vis *vis, const struct layout *layout)
{
	bool written[2 * GFNS_MAX] = { 0 };

	for (gfn_t gfn = 0; gfn < layout->gfns; gfn++) {
		for (unsigned int mode = 0; mode < 1u << layout->bits; mode++) {
			enum found found = layout->found[gfn][mode];
			bool may = found == PAGE_A || found == PAGE_B;

			if ((gfn + mode) % 3 == 0)
				continue;
			CHECK(vis_write(vis, mode, gfn) == may);
			if (may)
				written[(hva_of(found, gfn) - HVA) >> MMU_PAGE_SHIFT] = true;
		}
	}
	memset(dirty, 0, sizeof(dirty));
	vis_dirty_hvas(vis, note_dirty, NULL);
	CHECK(!memcmp(dirty, written, sizeof(dirty)));
}

static bool try(enum vis_backend backend, const struct layout *layout)
{
	struct vis vis;
	bool said;

	vis_init(&vis, backend, layout->bits, ALL_MODES(layout->bits));
	said = say(&vis, layout);
	for (gfn_t gfn = 0; gfn < layout->gfns && said; gfn++) {
		for (unsigned int mode = 0; mode < 1u << layout->bits; mode++)
			check_found(&vis, mode, gfn, layout->found[gfn][mode]);
	}
	if (said)
		check_writes(&vis, layout);
	vis_destroy(&vis);
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

	for (unsigned int number = 0; number < all; number++) {
		struct layout layout = { .bits = bits, .gfns = gfns };

		for (unsigned int cell = 0; cell < cells; cell++)
			layout.found[cell >> bits][cell & ((1u << bits) - 1)] = number >> 2 * cell & 3;
		for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
			bool can = try(backend, &layout);

			CHECK(can == can_say(backend, &layout));
			said[backend] += can;
		}
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
		bool flag, overlay_a;
	} rows[] = {
		{ NOTHING, PAGE_A, true, true }, /* memory of the mode alone, a hole outside */
		{ PAGE_B, PAGE_A, false, false }, /* over other memory (VGA) */
		{ PAGE_A, NOTHING, false, false }, /* MMIO in the mode, memory outside */
		{ PAGE_A_READONLY, PAGE_A, false, false }, /* other permissions */
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct layout layout = { .bits = 1, .gfns = 1, .found[0] = { rows[i].out, rows[i].in } };

		CHECK(try(VIS_SPACES, &layout) && try(VIS_TRISTATE, &layout) && try(VIS_OVERLAY_B, &layout));
		CHECK(try(VIS_FLAG, &layout) == rows[i].flag && try(VIS_OVERLAY_A, &layout) == rows[i].overlay_a);
	}
}

/* Two that a mode would both see are refused by all, whatever they can say. */
static void overlaps_are_refused(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct vis_region region = { .base = 4, .npages = 4, .modes = 3, .hva = HVA };
		struct vis vis;

		vis_init(&vis, backend, 1, 3);
		CHECK(!vis_add(&vis, &region));
		region.base = 7;
		region.modes = 2;
		CHECK(vis_add(&vis, &region) == -EEXIST);
		region.base = 8;
		CHECK(!vis_add(&vis, &region));
		fail_allocations(1000000);
		region.base = 16;
		CHECK(vis_add(&vis, &region) == -ENOMEM && !vis_find(&vis, 1, 16));
		fail_allocations(0);
		vis_destroy(&vis);
	}
}

/* --------------------------------------------------------------------------------------------------- changes, roles */

/* What CPUs of a class have found, kept as their tables keep it until it is zapped. */
static struct gmm_slot *kept[VIS_MODES_MAX][GFNS_MAX];

static void zap_kept(void *context, gfn_t base, uint64_t npages)
{
	(void)context;
	for (unsigned int class = 0; class < VIS_MODES_MAX; class ++) {
		for (gfn_t gfn = base; gfn < base + npages; gfn++)
			kept[class][gfn] = NULL;
	}
}

static void fault(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	struct gmm_slot **word = &kept[vis_class(vis, mode)][gfn];

	if (!*word)
		*word = vis_find(vis, mode, gfn);
}

static void check_kept(struct vis *vis)
{
	for (unsigned int mode = 0; mode < 2; mode++) {
		for (gfn_t gfn = 0; gfn < GFNS_MAX; gfn++) {
			fault(vis, mode, gfn);
			CHECK(kept[vis_class(vis, mode)][gfn] == vis_find(vis, mode, gfn));
		}
	}
}

/* The same gfns are seen by all, then in the mode only, then by all again: nobody goes on with what was. */
static void changes_are_zapped(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct vis_region region = { .base = 8, .npages = 16, .hva = HVA };
		struct vis vis;

		vis_init(&vis, backend, 1, 3);
		vis.zap = zap_kept;
		memset(kept, 0, sizeof(kept));
		for (unsigned int i = 0; i < 4; i++) {
			region.modes = i % 2 ? 2 : 3;
			CHECK(!vis_add(&vis, &region));
			check_kept(&vis);
			vis_remove(&vis, region.base, region.npages);
			check_kept(&vis);
		}
		vis_destroy(&vis);
	}
}

/* Regions of many pages come and go; designs that take all of them find the same. */
static void random_regions(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct layout layout = { .bits = 2, .gfns = GFNS_MAX };
		struct vis vis;

		vis_init(&vis, backend, 2, ALL_MODES(2));
		for (unsigned int op = 0; op < 2000; op++) {
			gfn_t base = host_random() % (GFNS_MAX / 8) * 8;
			unsigned int modes = (unsigned int)(host_random() % 15) + 1;
			const struct vis_region region = {
				.base = base, .npages = 8, .modes = modes, .hva = hva_of(PAGE_A, base)
			};
			bool added = host_random() % 2 && !vis_add(&vis, &region);

			if (!added)
				vis_remove(&vis, base, 8);
			for (gfn_t gfn = base; gfn < base + 8; gfn++) {
				for (unsigned int mode = 0; mode < 4; mode++) {
					if (!added)
						layout.found[gfn][mode] = NOTHING;
					else if (modes >> mode & 1)
						layout.found[gfn][mode] = PAGE_A;
					check_found(&vis, mode, gfn, layout.found[gfn][mode]);
				}
			}
		}
		check_writes(&vis, &layout);
		vis_destroy(&vis);
	}
}

/* Both words say the same: equal in one, equal in the other, and what was put in comes out. */
static void roles_are_renamed(void)
{
	for (unsigned int a = 0; a < 64; a++) {
		for (unsigned int b = 0; b < 64; b++) {
			bool same[VIS_ROLES];

			for (enum vis_role kind = 0; kind < VIS_ROLES; kind++) {
				CHECK(vis_class_of_role(kind, vis_role(kind, a / 4, a % 4)) == a % 4);
				same[kind] = vis_role(kind, a / 4, a % 4) == vis_role(kind, b / 4, b % 4);
			}
			CHECK(same[VIS_ROLE_SMM] == (a == b) && same[VIS_ROLE_AS_ID] == (a == b));
		}
	}
}

/* -------------------------------------------------------------------------------------------------------- costs */

/* A machine as all five can have it: RAM below and above 4G, a hole where only the mode has memory. */
static void add_machine(struct vis *vis)
{
	const unsigned int all = ALL_MODES(vis->bits);
	const struct vis_region regions[] = {
		{ .base = 0, .npages = 0xa0, .modes = all, .hva = HVA },
		{ .base = 0xa0, .npages = 0x20, .modes = all & 0xa, .hva = HVA + 0xa0000 },
		{ .base = 0x100, .npages = 0x7ff00, .modes = all, .hva = HVA + 0x100000 },
		{ .base = 0x100000, .npages = 0x80000, .modes = all, .hva = HVA + 0x80000000 },
	};

	for (unsigned int i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
		CHECK(!vis_add(vis, &regions[i]));
}

static double lookups_of(struct vis *vis, unsigned int mode, gfn_t gfn)
{
	uint64_t before = vis->lookups;

	vis_find(vis, mode, gfn);
	return (double)(vis->lookups - before);
}

static void print_row(enum vis_backend backend, unsigned int bits)
{
	struct vis_cost cost;
	struct vis vis;

	vis_init(&vis, backend, bits, ALL_MODES(bits));
	add_machine(&vis);
	cost = vis_cost(&vis);
	printf("| %s, k = %u | %lu | %lu | %.0f | %.0f | %.0f |\n", vis_name(backend), bits, (unsigned long)cost.slots,
	       (unsigned long)(cost.bytes + 512) / 1024, lookups_of(&vis, 0, 0x200), lookups_of(&vis, 1, 0xa0),
	       lookups_of(&vis, 0, 0xa0));
	vis_destroy(&vis);
}

static void print_costs(void)
{
	for (unsigned int bits = 1; bits <= VIS_BITS_MAX; bits++) {
		for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++)
			print_row(backend, bits);
	}
}

int main(int argc, char *argv[])
{
	const struct host_config config = { .seed = 7 };

	host_start(&config);
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
