// SPDX-License-Identifier: GPL-2.0-only
/*
 * formats.c - the formats and their architectures, one row each.
 */
#include "formats.h"

#include "../check.h"

static struct format_case ept(const char *name, uint8_t levels, bool accessed_dirty)
{
	const struct pt_x86_config config = {
		.levels = levels,
		.leaf_level_max = 3,
		.maxphyaddr = 46,
		.accessed_dirty = accessed_dirty,
	};
	struct format_case row = { .name = name, .tables = { .arch = ARCH_EPT, .levels = levels, .maxphyaddr = 46 } };

	pt_format_x86_ept(&row.format, &config);
	row.tracks_by_permissions = !accessed_dirty;
	return row;
}

static struct format_case long_mode(const char *name, uint8_t levels)
{
	const struct pt_x86_config config = { .levels = levels, .leaf_level_max = 3, .maxphyaddr = 48 };
	struct format_case row = { .name = name, .tables = { .arch = ARCH_LONG, .levels = levels, .maxphyaddr = 48 } };

	pt_format_x86_long(&row.format, &config);
	return row;
}

/* @levels: from the table in spec.md 9.1, not from the format. */
static struct format_case arm64(const char *name, unsigned int granule, unsigned int ipa_bits, unsigned int levels)
{
	struct format_case row = {
		.name = name,
		.tables = { .arch = ARCH_ARM64, .levels = levels, .granule = granule, .input_bits = ipa_bits },
	};

	CHECK(pt_format_arm64_s2(&row.format, granule, ipa_bits));
	return row;
}

static struct format_case riscv(const char *name, unsigned int levels)
{
	struct format_case row = { .name = name, .tables = { .arch = ARCH_RISCV, .levels = levels } };

	pt_format_riscv_gstage(&row.format, levels);
	return row;
}

void format_cases(struct format_case cases[FORMAT_CASES])
{
	const struct format_case rows[FORMAT_CASES] = {
		ept("EPT, 4 levels, A/D", 4, true),
		ept("EPT, 5 levels, A/D", 5, true),
		ept("EPT, 4 levels, no A/D", 4, false),
		ept("EPT, 5 levels, no A/D", 5, false),
		long_mode("long mode, 4 levels", 4),
		long_mode("long mode, 5 levels", 5),
		arm64("arm64 4K, 32 bits: 4 roots in a row", 12, 32, 2),
		arm64("arm64 4K, 40 bits: 2 roots in a row", 12, 40, 3),
		arm64("arm64 4K, 48 bits", 12, 48, 4),
		arm64("arm64 16K, 40 bits", 14, 40, 2),
		arm64("arm64 64K, 42 bits", 16, 42, 2),
		riscv("riscv Sv39x4", 3),
		riscv("riscv Sv48x4", 4),
		riscv("riscv Sv57x4", 5),
	};

	for (unsigned int i = 0; i < FORMAT_CASES; i++)
		cases[i] = rows[i];
}
