// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_walk_test.c - every combination of the bits that the manuals give a meaning, in every kind of entry.
 *
 * The expectations are written as the manuals' lists of what is forbidden, not as the walkers compute it.
 */
#include "world_fixture.h"

#define MAXPHYADDR 46
#define PFN 0x12345

static const struct cpu_config config = { MMU_PAGING_EPT, MAXPHYADDR, MMU_LEVEL_1G };

static bool expect_kind(const struct walk_format *format, const struct cpu_config *cpu, uint64_t raw, int level,
			enum walk_entry_kind kind)
{
	enum walk_entry_kind got = format->decode(cpu, raw, level).kind;

	if (got != kind)
		fprintf(stderr, "entry 0x%lx, level %d: kind %d, expected %d\n", (unsigned long)raw, level, got, kind);
	return got == kind;
}

/* SDM 29.3.3.1: what makes an EPT entry misconfigured, bit by bit of its low twelve. */
static enum walk_entry_kind ept_kind(unsigned int low, int level)
{
	bool r = low & 1, w = low & 2, x = low & 4;
	unsigned int memory_type = (low >> 3) & 7;
	bool leaf = level == 1 || (level <= 3 && (low & 0x80));

	if (!r && !w && !x)
		return WALK_ABSENT;
	if (w && !r)
		return WALK_ILLEGAL; /* 010b, 110b */
	if (x && !r)
		return WALK_ILLEGAL; /* 100b, without execute-only support */
	if (leaf)
		return memory_type == 2 || memory_type == 3 || memory_type == 7 ? WALK_ILLEGAL : WALK_LEAF;
	if (low & 0x78)
		return WALK_ILLEGAL; /* 6:3 of a table entry */
	if (level >= 4 && (low & 0x80))
		return WALK_ILLEGAL;
	return WALK_TABLE;
}

/* APM 15.25, 5.3: MBZ bits of long-mode entries. */
static enum walk_entry_kind npt_kind(unsigned int low, int level)
{
	if (!(low & 1))
		return WALK_ABSENT;
	if (level >= 4)
		return low & 0x180 ? WALK_ILLEGAL : WALK_TABLE;
	return level == 1 || (low & 0x80) ? WALK_LEAF : WALK_TABLE;
}

static void low_bits(void)
{
	bool good = true;

	for (int level = 1; level <= 5; level++) {
		for (unsigned int low = 0; low < 4096; low++) {
			uint64_t raw = (uint64_t)0x40000 << MMU_PAGE_SHIFT | low; /* 1 GiB aligned */

			good &= expect_kind(&walk_ept, &config, raw, level, ept_kind(low, level));
			good &= expect_kind(&walk_npt, &config, raw, level, npt_kind(low, level));
		}
	}
	CHECK(good);
}

static void high_bits(void)
{
	const uint64_t ept_leaf = EPT_RWX | EPT_WB, npt_leaf = NPT_P | NPT_W | NPT_U;
	bool good = true;

	for (int bit = 12; bit < 64; bit++) {
		uint64_t raw = (uint64_t)1 << bit;
		bool reserved = bit >= MAXPHYADDR && bit <= 51;

		for (int level = 1; level <= 5; level++) {
			uint64_t table = level > 1 ? raw | EPT_RWX : raw | ept_leaf;
			enum walk_entry_kind kind = level > 1 ? WALK_TABLE : WALK_LEAF;

			good &= expect_kind(&walk_ept, &config, table, level, reserved ? WALK_ILLEGAL : kind);
			good &= expect_kind(&walk_npt, &config, raw | npt_leaf, level, reserved ? WALK_ILLEGAL : kind);
		}
		/* Low address bits of large leafs; bit 12 of an NPT one is PAT. */
		for (int level = 2; level <= 3; level++) {
			bool low = bit < 12 + 9 * (level - 1);

			good &= expect_kind(&walk_ept, &config, raw | ept_leaf | EPT_LARGE, level,
					    reserved || low ? WALK_ILLEGAL : WALK_LEAF);
			good &= expect_kind(&walk_npt, &config, raw | npt_leaf | NPT_PS, level,
					    reserved || (low && bit != 12) ? WALK_ILLEGAL : WALK_LEAF);
		}
	}
	CHECK(good);
}

static void one_gigabyte_pages_can_be_missing(void)
{
	const struct cpu_config small = { MMU_PAGING_EPT, MAXPHYADDR, MMU_LEVEL_2M };

	CHECK(expect_kind(&walk_ept, &small, EPT_RWX | EPT_LARGE, 3, WALK_ILLEGAL));
	CHECK(expect_kind(&walk_npt, &small, NPT_P | NPT_U | NPT_PS, 3, WALK_ILLEGAL));
	CHECK(expect_kind(&walk_ept, &small, EPT_RWX | EPT_WB | EPT_LARGE, 2, WALK_LEAF));
}

/* Permissions of an EPT entry whose R, W and X are @rwx, of an NPT one with bits W, NX and U. */
static uint64_t with_permissions(const struct fixture *fixture, uint64_t entry, unsigned int permissions)
{
	if (fixture->context.paging == MMU_PAGING_EPT)
		return (entry & ~EPT_RWX) | permissions;
	return (entry & ~(NPT_W | NPT_U)) | (permissions & 1 ? NPT_U : 0) | (permissions & 2 ? NPT_W : 0) |
	       (permissions & 4 ? 0 : NPT_NX);
}

static uint32_t allowed_by(const struct fixture *fixture, unsigned int permissions)
{
	if (!(permissions & 1))
		return 0;
	return MMU_READ | (permissions & 2 ? MMU_WRITE : 0) | (permissions & 4 ? MMU_EXEC : 0);
}

static bool is_illegal(const struct fixture *fixture, unsigned int permissions)
{
	return fixture->context.paging == MMU_PAGING_EPT && permissions && !(permissions & 1);
}

/* All permissions of a leaf below all permissions of the table above it, for each kind of access. */
static void permissions(enum mmu_paging paging)
{
	static const uint32_t kinds[] = { MMU_READ, MMU_WRITE, MMU_EXEC, MMU_READ | MMU_WRITE };
	struct fixture fixture;
	const gpa_t gpa = 0x40201000;
	uint64_t *leaf, *table, leaf_full, table_full;

	fixture_start(&fixture, paging, MMU_VM_DEFAULT);
	leaf = entry_for(&fixture, fixture.context.root, gpa, 1);
	table = entry_for(&fixture, fixture.context.root, gpa, 2);
	leaf_full = leaf_value(&fixture, PFN, 1);
	table_full = *table;
	fixture.cpu->context = fixture.context;
	cache_select_root(fixture.cpu, fixture.context.root);
	for (unsigned int i = 0; i < 8 * 8 * 4; i++) {
		unsigned int above = i / 32, below = i / 4 % 8;
		uint32_t needs = kinds[i % 4];
		uint32_t both = allowed_by(&fixture, above) & allowed_by(&fixture, below);
		enum walk_result expected = needs & ~both ? WALK_FAULT : WALK_DONE, result;
		bool absent = paging == MMU_PAGING_EPT && (!above || (!is_illegal(&fixture, above) && !below));
		struct translation translation;

		if (is_illegal(&fixture, above) || (above && is_illegal(&fixture, below)))
			expected = WALK_MISCONFIG;
		*table = with_permissions(&fixture, table_full, above);
		*leaf = with_permissions(&fixture, leaf_full, below);
		psc_forget_gpa(fixture.cpu, gpa);
		result = cpu_walk(fixture.cpu, gpa, needs, &translation);
		CHECK(result == expected);
		if (result == WALK_FAULT)
			CHECK(translation.allowed == (absent ? 0 : both));
		if (result == WALK_DONE)
			CHECK(translation.pfn == PFN && translation.allowed == both && translation.level == 1);
	}
	fixture_stop(&fixture);
}

static void accessed_and_dirty(enum mmu_paging paging, bool tracks)
{
	uint64_t a = paging == MMU_PAGING_EPT ? EPT_A : NPT_A, d = paging == MMU_PAGING_EPT ? EPT_D : NPT_D;
	const gpa_t gpa = 0x80000000;
	struct fixture fixture;
	struct translation translation;

	fixture_start(&fixture, paging, MMU_VM_DEFAULT);
	fixture.context.accessed_dirty = tracks;
	fixture.cpu->context = fixture.context;
	cache_select_root(fixture.cpu, fixture.context.root);
	*entry_for(&fixture, fixture.context.root, gpa, 1) = leaf_value(&fixture, PFN, 1);

	CHECK(cpu_walk(fixture.cpu, gpa, MMU_READ, &translation) == WALK_DONE);
	for (int level = 1; level <= 4; level++)
		CHECK(!!(*entry_for(&fixture, fixture.context.root, gpa, level) & a) == tracks);
	CHECK(!(*entry_for(&fixture, fixture.context.root, gpa, 1) & d));
	CHECK(translation.dirty == !tracks);

	CHECK(cpu_walk(fixture.cpu, gpa, MMU_WRITE, &translation) == WALK_DONE);
	CHECK(!!(*entry_for(&fixture, fixture.context.root, gpa, 1) & d) == tracks);
	CHECK(!(*entry_for(&fixture, fixture.context.root, gpa, 2) & d));
	CHECK(translation.dirty);
	fixture_stop(&fixture);
}

static void large_leafs(enum mmu_paging paging)
{
	struct fixture fixture;
	struct translation translation;

	fixture_start(&fixture, paging, MMU_VM_DEFAULT);
	fixture.cpu->context = fixture.context;
	cache_select_root(fixture.cpu, fixture.context.root);
	*entry_for(&fixture, fixture.context.root, 0x40000000, 3) = leaf_value(&fixture, 0x80000, 3);
	*entry_for(&fixture, fixture.context.root, 0x80200000, 2) = leaf_value(&fixture, 0x600, 2);
	CHECK(cpu_walk(fixture.cpu, 0x40000000 + 0x2345678, MMU_READ, &translation) == WALK_DONE);
	CHECK(translation.pfn == 0x80000 + 0x2345 && translation.level == 3);
	CHECK(cpu_walk(fixture.cpu, 0x80200000 + 0x1ff000, MMU_READ, &translation) == WALK_DONE);
	CHECK(translation.pfn == 0x600 + 0x1ff && translation.level == 2);
	fixture_stop(&fixture);
}

static void five_levels(void)
{
	const gpa_t gpa = ((gpa_t)3 << 48) + 0x7000;
	struct fixture fixture;
	struct translation translation;

	fixture_start(&fixture, MMU_PAGING_EPT, MMU_VM_DEFAULT);
	fixture.context.root_level = 5;
	fixture.cpu->context = fixture.context;
	cache_select_root(fixture.cpu, fixture.context.root);
	*entry_for(&fixture, fixture.context.root, gpa, 1) = leaf_value(&fixture, PFN, 1);
	CHECK(cpu_walk(fixture.cpu, gpa, MMU_READ, &translation) == WALK_DONE);
	CHECK(translation.pfn == PFN);
	CHECK(cpu_walk(fixture.cpu, gpa - ((gpa_t)1 << 48), MMU_READ, &translation) == WALK_FAULT);
	CHECK(translation.allowed == 0);
	fixture_stop(&fixture);
}

int main(void)
{
	low_bits();
	high_bits();
	one_gigabyte_pages_can_be_missing();
	permissions(MMU_PAGING_EPT);
	permissions(MMU_PAGING_NPT);
	accessed_and_dirty(MMU_PAGING_EPT, true);
	accessed_and_dirty(MMU_PAGING_EPT, false);
	accessed_and_dirty(MMU_PAGING_NPT, true);
	large_leafs(MMU_PAGING_EPT);
	large_leafs(MMU_PAGING_NPT);
	five_levels();
	return 0;
}
