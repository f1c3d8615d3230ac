// SPDX-License-Identifier: GPL-2.0-only
/*
 * roles_test.c - roles from all registers there can be; how many tables they make of one table of the guest, which the
 * counter of such tables has to hold; and the roots that a vCPU remembers.
 *
 * With the id of a planted bug as its argument it has to fail.
 */
#include "../host_check.h"
#include "adapter/adapter.h"
#include "arch/x86/pgd_cache.h"
#include "arch/x86/role.h"
#include "gmm/track.h"

#define BITS 10
#define ROLES_MAX 8192 /* 2^13: so many roles there may be at most */

/* One of 2^BITS states of all bits that matter; false: no CPU can be in it. */
static bool registers_of(unsigned int number, struct x86_registers *registers)
{
	static const struct {
		uint64_t cr0, cr4, efer;
	} bits[BITS - 2] = {
		{ .cr0 = X86_CR0_PG },   { .cr0 = X86_CR0_WP },   { .cr4 = X86_CR4_PAE },   { .cr4 = X86_CR4_LA57 },
		{ .cr4 = X86_CR4_SMEP }, { .cr4 = X86_CR4_SMAP }, { .efer = X86_EFER_LMA }, { .efer = X86_EFER_NX },
	};

	*registers = (struct x86_registers){
		.guest_mode = number >> (BITS - 2) & 1,
		.in_smm = number >> (BITS - 1) & 1,
	};
	for (unsigned int i = 0; i < BITS - 2; i++) {
		if (!(number >> i & 1))
			continue;
		registers->cr0 |= bits[i].cr0;
		registers->cr4 |= bits[i].cr4;
		registers->efer |= bits[i].efer;
	}
	if (registers->efer & X86_EFER_LMA)
		return (registers->cr0 & X86_CR0_PG) && (registers->cr4 & X86_CR4_PAE);
	return !(registers->cr4 & X86_CR4_LA57);
}

/* ------------------------------------------------------------------------------------------------- from registers */

static void levels_of_the_guest(void)
{
	struct x86_registers registers = { .cr0 = X86_CR0_PG };

	CHECK(x86_cpu_role(&registers).base == (2 | ROLE_4_BYTE_GPTE | ROLE_ACCESS_ALL));
	registers.cr4 = X86_CR4_PAE;
	CHECK((x86_cpu_role(&registers).base & ROLE_LEVEL) == 3);
	registers.efer = X86_EFER_LMA;
	CHECK((x86_cpu_role(&registers).base & ROLE_LEVEL) == 4);
	registers.cr4 |= X86_CR4_LA57;
	CHECK((x86_cpu_role(&registers).base & ROLE_LEVEL) == 5);
	registers.cr0 = 0;
	registers.efer = 0;
	CHECK(x86_cpu_role(&registers).base == (ROLE_DIRECT | ROLE_ACCESS_ALL));
}

/* With write protection the two are allowed to differ; without, tables are not the same. */
static void smep_and_smap_count_without_wp(void)
{
	const uint64_t both[] = { X86_CR4_SMEP, X86_CR4_SMAP };

	for (unsigned int i = 0; i < 2; i++) {
		struct x86_registers with = { .cr0 = X86_CR0_PG | X86_CR0_WP, .cr4 = X86_CR4_PAE | both[i] };
		struct x86_registers without = with;

		without.cr4 &= ~both[i];
		CHECK(x86_root_role_shadow(&with) == x86_root_role_shadow(&without));
		CHECK(x86_cpu_role(&with).ext != x86_cpu_role(&without).ext);
		with.cr0 = without.cr0 = X86_CR0_PG;
		CHECK(x86_root_role_shadow(&with) != x86_root_role_shadow(&without));
	}
}

/* Every state of the registers has a role that is one. */
static void exclusions_hold(void)
{
	struct x86_registers registers;

	for (unsigned int number = 0; number < 1u << BITS; number++) {
		if (!registers_of(number, &registers))
			continue;
		CHECK(!x86_role_exclusion(x86_cpu_role(&registers).base));
		CHECK(!x86_role_exclusion(x86_root_role_tdp(&registers, 4, number & 1)));
		for (unsigned int level = 4; level <= 5; level++) {
			uint32_t role = x86_root_role_nested_npt(&registers, level);

			/* The top of the shadow is above what the guest has; tables of 4-byte entries are below it. */
			CHECK((role & ROLE_4_BYTE_GPTE) || !x86_role_exclusion(role));
			CHECK(!x86_role_exclusion(x86_root_role_nested_ept(level, number & 1)));
		}
	}
	CHECK(x86_role_exclusion(2 | 1 << ROLE_QUADRANT_SHIFT));
	CHECK(x86_role_exclusion(3 | ROLE_4_BYTE_GPTE));
	CHECK(x86_role_exclusion(4 | ROLE_AD_DISABLED));
	CHECK(x86_role_exclusion(4 | ROLE_AD_DISABLED | ROLE_GUEST_MODE | ROLE_CR0_WP));
	CHECK(x86_role_exclusion(4 | ROLE_CR0_WP | ROLE_SMEP_ANDNOT_WP));
	CHECK(x86_role_exclusion(4 | ROLE_PASSTHROUGH | ROLE_GUEST_MODE));
	CHECK(x86_role_exclusion(4 | ROLE_MIRROR));
	CHECK(x86_role_exclusion(4 | ROLE_MIRROR | ROLE_DIRECT | 1u << ROLE_SMM_SHIFT));
}

/* The first time counts, even with roles that are all zeros but for the valid mark; what is equal does not. */
static void what_is_equal_is_left_alone(void)
{
	struct x86_registers registers = { .cr0 = X86_CR0_PG, .cr4 = X86_CR4_PAE, .efer = X86_EFER_LMA };
	struct x86_mmu mmu = { 0 };
	uint32_t root = x86_root_role_tdp(&registers, 4, false);

	CHECK(x86_mmu_init(&mmu, (struct x86_cpu_role){ .ext = ROLE_EXT_VALID }, 0));
	CHECK(x86_mmu_init(&mmu, x86_cpu_role(&registers), root));
	CHECK(!x86_mmu_init(&mmu, x86_cpu_role(&registers), root));
	/* A protection key changes no table, but walks of the guest's tables. */
	registers.cr4 |= X86_CR4_PKE;
	CHECK(x86_root_role_tdp(&registers, 4, false) == root);
	CHECK(x86_mmu_init(&mmu, x86_cpu_role(&registers), root) && mmu.configured == 3);
}

/* ------------------------------------------------------------------------------------ how many of one guest table */

static uint32_t seen[ROLES_MAX];
static unsigned int nr_seen;

static void see(uint32_t role)
{
	role &= (1u << ROLE_SMM_SHIFT) - 1; /* of one address space */
	if (!x86_role_is_tracked(role))
		return;
	CHECK(!x86_role_exclusion(role));
	for (unsigned int i = 0; i < nr_seen; i++) {
		if (seen[i] == role)
			return;
	}
	CHECK(nr_seen < ROLES_MAX);
	seen[nr_seen++] = role;
}

/* All tables that a guest can make one of its own be, below a root; 32-bit ones stand for a part of one each. */
static void see_below(uint32_t root)
{
	bool small = root & ROLE_4_BYTE_GPTE;
	unsigned int top = small ? 2 : root & ROLE_LEVEL;

	for (unsigned int level = 1; level <= top; level++) {
		for (unsigned int rest = 0; rest < 32; rest++) {
			unsigned int quadrant = rest >> 3;
			uint32_t role = root & ~(uint32_t)(ROLE_LEVEL | ROLE_ACCESS_ALL | ROLE_PASSTHROUGH);

			if (!quadrant || small)
				see(role | level | quadrant << ROLE_QUADRANT_SHIFT | (rest & 7) << ROLE_ACCESS_SHIFT);
		}
	}
}

static unsigned int count_of(void (*roots)(const struct x86_registers *registers))
{
	struct x86_registers registers;

	nr_seen = 0;
	for (unsigned int number = 0; number < 1u << BITS; number++) {
		if (registers_of(number, &registers) && (registers.cr0 & X86_CR0_PG))
			roots(&registers);
	}
	return nr_seen;
}

static void shadow_roots(const struct x86_registers *registers)
{
	see_below(x86_root_role_shadow(registers));
}

/* With as many levels as hardware has, or as the nested hypervisor has. */
static void npt_roots(const struct x86_registers *registers)
{
	see_below(x86_root_role_nested_npt(registers, x86_cpu_role(registers).base & ROLE_LEVEL));
}

static void ept_roots(const struct x86_registers *registers)
{
	(void)registers;
	for (unsigned int level = 4; level <= 5; level++) {
		see_below(x86_root_role_nested_ept(level, false));
		see_below(x86_root_role_nested_ept(level, true));
	}
}

/* All of them, of two generations of tables at once, as while everything is zapped: there and gone again. */
static void drive(struct gmm_track *track)
{
	for (unsigned int i = 0; i < 2 * nr_seen; i++)
		CHECK(gmm_track_add(track, 5));
	CHECK(gmm_is_tracked(track, 5) && !gmm_is_tracked(track, 4));
	for (unsigned int i = 0; i < 2 * nr_seen; i++) {
		CHECK(gmm_is_tracked(track, 5));
		CHECK(gmm_track_remove(track, 5));
	}
	CHECK(!gmm_is_tracked(track, 5) && !gmm_track_remove(track, 5));
}

static void the_counter_holds_all_roles(void)
{
	struct gmm_track track;

	CHECK(!gmm_track_create(&track, 8));
	CHECK(count_of(shadow_roots) == 640);
	drive(&track);
	CHECK(count_of(npt_roots) == 640);
	drive(&track);
	CHECK(count_of(ept_roots) == 64);
	drive(&track);
	gmm_track_destroy(&track);
}

/* More roles than there are: what does not fit is refused, and nothing that goes takes the protection away. */
static void an_overflow_loses_no_protection(void)
{
	struct gmm_track track;

	CHECK(!gmm_track_create(&track, 1));
	for (unsigned int i = 0; i < GMM_TRACK_MAX; i++)
		CHECK(gmm_track_add(&track, 0));
	CHECK(!gmm_track_add(&track, 0));
	for (unsigned int i = 0; i < GMM_TRACK_MAX; i++) {
		CHECK(!gmm_track_remove(&track, 0));
		CHECK(gmm_is_tracked(&track, 0));
	}
	gmm_track_destroy(&track);
}

/* ------------------------------------------------------------------------------------------------- remembered roots */

#define ROOTS 4096

static struct test_root {
	bool live, obsolete;
} roots[ROOTS];
static unsigned int nr_roots;

static bool is_obsolete(const void *root)
{
	return ((const struct test_root *)root)->obsolete;
}

static void release(void *root)
{
	struct test_root *released = root;

	CHECK(released->live);
	released->live = false;
}

/* The model: places in the order of use, the current one first. */
static struct pgd_root place[1 + PGD_PREVIOUS];

static bool model_switch(uint64_t pgd, uint32_t role)
{
	bool keeps = place[0].root;

	for (unsigned int i = !keeps; i <= PGD_PREVIOUS; i++) {
		struct pgd_root found = place[i];

		if (!found.root || found.role != role || found.pgd != pgd || is_obsolete(found.root))
			continue;
		if (keeps)
			memmove(&place[1], &place[0], i * sizeof(found));
		else
			memmove(&place[i], &place[i + 1], (PGD_PREVIOUS - i) * sizeof(found));
		if (!keeps)
			place[PGD_PREVIOUS] = (struct pgd_root){ 0 };
		place[0] = found;
		return true;
	}
	if (keeps)
		memmove(&place[1], &place[0], PGD_PREVIOUS * sizeof(place[0]));
	place[0] = (struct pgd_root){ 0 };
	return false;
}

static void model_free_obsolete(void)
{
	for (unsigned int i = 0; i <= PGD_PREVIOUS; i++) {
		if (place[i].root && is_obsolete(place[i].root))
			place[i] = (struct pgd_root){ 0 };
	}
}

static void check_places(const struct pgd_cache *cache)
{
	unsigned int live = 0, kept = 0;

	CHECK(cache->current.root == place[0].root);
	for (unsigned int i = 0; i < PGD_PREVIOUS; i++)
		CHECK(cache->previous[i].root == place[1 + i].root);
	for (unsigned int i = 0; i < nr_roots; i++)
		live += roots[i].live;
	for (unsigned int i = 0; i <= PGD_PREVIOUS; i++)
		kept += place[i].root != NULL;
	CHECK(live == kept);
}

static void roots_are_found_again(void)
{
	struct pgd_cache cache = { .is_obsolete = is_obsolete, .release = release };

	while (nr_roots < ROOTS) {
		uint64_t pgd = host_random() % 5 + 1;
		uint32_t role = 4 | (host_random() % 2 ? ROLE_CR0_WP : 0);
		bool found;

		if (host_random() % 8 == 0 && nr_roots)
			roots[host_random() % nr_roots].obsolete = true;
		if (host_random() % 8 == 0) {
			pgd_cache_free_obsolete(&cache);
			model_free_obsolete();
		}
		found = pgd_cache_switch(&cache, pgd, role);
		CHECK(found == model_switch(pgd, role));
		if (!found) {
			roots[nr_roots].live = true;
			place[0] = (struct pgd_root){ &roots[nr_roots], pgd, role };
			pgd_cache_set(&cache, &roots[nr_roots++], pgd, role);
		}
		check_places(&cache);
	}
	pgd_cache_drop_all(&cache);
	memset(place, 0, sizeof(place));
	check_places(&cache);
}

int main(int argc, char *argv[])
{
	const struct host_config host = { .seed = 7 };

	host_start(&host);
	CHECK(argc == 1 || !reference_set_plant(argv[1]));
	RUN(levels_of_the_guest);
	RUN(smep_and_smap_count_without_wp);
	RUN(exclusions_hold);
	RUN(what_is_equal_is_left_alone);
	RUN(the_counter_holds_all_roles);
	RUN(an_overflow_loses_no_protection);
	RUN(roots_are_found_again);
	CHECK(!reports_total());
	return 0;
}
