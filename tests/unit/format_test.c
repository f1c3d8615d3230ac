// SPDX-License-Identifier: GPL-2.0-only
/* format_test.c - reserved bits of entries, by the manuals' tables. */
#include "harness/invariants/format.h"
#include "tests/unit/check.h"

#define PRESENT FORMAT_MMU_PRESENT
#define WRITE_BACK FORMAT_BITS(4, 5) /* EPT memory type 6 */

static const struct format ept = { .paging = MMU_PAGING_EPT, .maxphyaddr = 46, .accessed_dirty = true };
static const struct format npt = { .paging = MMU_PAGING_NPT, .maxphyaddr = 46, .accessed_dirty = true };

static bool fine(const struct format *format, uint64_t raw, int level, bool leaf)
{
	return !format_reserved(format, raw | PRESENT, level, leaf);
}

static void ept_leafs(void)
{
	CHECK(fine(&ept, 0x12345000 | 7 | WRITE_BACK, 1, true));
	CHECK(fine(&ept, 0x40000000 | 5 | WRITE_BACK | FORMAT_LARGE, 3, true));
	CHECK(!fine(&ept, 0x12345000 | 2, 1, true));
	CHECK(!fine(&ept, 0x12345000 | 4, 1, true));
	CHECK(!fine(&ept, 0x12345000 | 7 | FORMAT_BITS(3, 5), 1, true));
	CHECK(!fine(&ept, 0x12345000 | 7 | FORMAT_BIT(46), 1, true));
	CHECK(!fine(&ept, 0x200000 | 7 | WRITE_BACK, 2, true));
	CHECK(!fine(&ept, 0x200000 | 7 | WRITE_BACK | FORMAT_LARGE, 4, true));
}

static void ept_tables(void)
{
	CHECK(fine(&ept, 0x12345000 | 7, 2, false));
	CHECK(fine(&ept, 0x12345000 | 7 | FORMAT_BIT(8), 4, false));
	CHECK(!fine(&ept, 0x12345000 | 7 | FORMAT_BIT(3), 2, false));
	CHECK(!fine(&ept, 0x12345000 | 7 | FORMAT_LARGE, 4, false));
}

static void access_tracked_entries_are_not_hardwares_business(void)
{
	CHECK(!format_hardware_present(&ept, PRESENT | FORMAT_BIT(54)));
	CHECK(fine(&ept, 0x12345000 | FORMAT_BITS(3, 5), 1, true));
}

static void npt_entries(void)
{
	CHECK(fine(&npt, 0x12345000 | 7, 1, true));
	CHECK(fine(&npt, 0x200000 | 7 | FORMAT_LARGE | FORMAT_BIT(63), 2, true));
	CHECK(fine(&npt, 0x12345000 | 7, 4, false));
	CHECK(!fine(&npt, 0x12345000 | 3, 1, true));
	CHECK(!fine(&npt, 0x12345000 | 7 | FORMAT_LARGE, 5, false));
	CHECK(!fine(&npt, 0x12345000 | 7 | FORMAT_BIT(8), 3, false));
	CHECK(!fine(&npt, 0x12345000 | 7 | FORMAT_BIT(51), 1, true));
}

int main(void)
{
	RUN(ept_leafs);
	RUN(ept_tables);
	RUN(access_tracked_entries_are_not_hardwares_business);
	RUN(npt_entries);
	return 0;
}
