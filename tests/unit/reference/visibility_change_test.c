// SPDX-License-Identifier: GPL-2.0-only
/*
 * visibility_change_test.c - what modes see changes, in VMs of each design: in place, by slots that come and go, and by
 * the host that takes memory away.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include <errno.h>

#include "gmm/hva_cache.h"
#include "layouts.h"

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

/* ----------------------------------------------------------------------------------------------- the core, one mode */

/* What the core itself reads is what mode 0 sees, and never longer than that. */
static void the_core_sees_mode_0(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct gmm_hva_cache cache;
		uint32_t word;

		begin(backend, 1);
		CHECK(!add(8, 16, 3, HVA + PAGES(8), 0));
		CHECK(!gmm_hva_cache_init(vmm->vm, &cache, PAGES(10), sizeof(word)));
		for (unsigned int i = 0; i < 4; i++) {
			show(i % 2);
			CHECK(gmm_hva_cache_read(vmm->vm, &cache, 0, &word, sizeof(word)) == (i % 2 ? -EFAULT : 0));
		}
		end();
	}
}

/* Without the mode there is nothing that only it sees, in any design, and no way into it (spec.md S0.2, S0.7). */
static void without_the_mode(void)
{
	for (enum vis_backend backend = 0; backend < VIS_BACKENDS; backend++) {
		struct layout layout = { .bits = 0, .gfns = 8, .found[3][0] = PAGE_B };
		bool written[HOST_NPAGES] = { 0 };

		begin(backend, 0);
		CHECK(reference_vcpu_smi(cpu->vcpu) == -EINVAL);
		CHECK(!add(3, 1, 1, hva_of(PAGE_B, 3), 0));
		access_all(&layout, written);
		end();
	}
}

int main(int argc, char *argv[])
{
	layouts_start(argc, argv);
	RUN(changes_are_zapped);
	RUN(random_regions);
	RUN(the_core_sees_mode_0);
	RUN(without_the_mode);
	CHECK(!reports_total());
	return 0;
}
