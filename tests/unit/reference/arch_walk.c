// SPDX-License-Identifier: GPL-2.0-only
/*
 * arch_walk.c - four architectures' page walks.
 *
 * Source: SDM vol. 3, 29.3.2 (EPT); APM vol. 2, 5.3 (long mode); Arm ARM D8.2, D8.3 (stage 2); RISC-V privileged
 * architecture, hypervisor extension, two-stage address translation.
 */
#include "arch_walk.h"

static uint64_t field(uint64_t word, unsigned int high, unsigned int low)
{
	return word >> low & (~0ULL >> (63 - (high - low)));
}

static bool bit(uint64_t word, unsigned int number)
{
	return word >> number & 1;
}

static uint64_t fetch(uint64_t table, uint64_t index)
{
	uint64_t *entries = (uint64_t *)(HOST_ARENA_BASE + table);

	return __atomic_load_n(&entries[index], __ATOMIC_ACQUIRE);
}

static enum arch_result found(struct arch_leaf *leaf, uint64_t base, unsigned int shift, uint64_t address)
{
	leaf->bytes = 1ULL << shift;
	leaf->address = base + (address & (leaf->bytes - 1));
	return base & (leaf->bytes - 1) ? ARCH_RESERVED : ARCH_MAPPED;
}

static enum arch_result walk_ept(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf)
{
	uint64_t table = tables->root;

	for (unsigned int level = tables->levels; level; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		uint64_t entry = fetch(table, field(address, shift + 8, shift));
		uint64_t type = field(entry, 5, 3);
		bool last = level == 1 || (level <= 3 && bit(entry, 7));

		if (!field(entry, 2, 0))
			return ARCH_ABSENT;
		if (!bit(entry, 0) || field(entry, 51, tables->maxphyaddr))
			return ARCH_RESERVED;
		if (!last && field(entry, 7, 3))
			return ARCH_RESERVED;
		table = field(entry, 51, 12) << 12;
		if (!last)
			continue;
		if (type == 2 || type == 3 || type == 7)
			return ARCH_RESERVED;
		*leaf = (struct arch_leaf){
			.read = bit(entry, 0),
			.write = bit(entry, 1),
			.exec = bit(entry, 2),
			.accessed = bit(entry, 8),
			.dirty = bit(entry, 9),
		};
		return found(leaf, table, shift, address);
	}
	return ARCH_RESERVED;
}

static enum arch_result walk_long(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf)
{
	uint64_t table = tables->root;
	bool write = true, exec = true;

	for (unsigned int level = tables->levels; level; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		uint64_t entry = fetch(table, field(address, shift + 8, shift));
		bool last = level == 1 || (level <= 3 && bit(entry, 7));

		if (!bit(entry, 0))
			return ARCH_ABSENT;
		if (field(entry, 51, tables->maxphyaddr) || (level > 3 && bit(entry, 7)) || !bit(entry, 2))
			return ARCH_RESERVED;
		write &= bit(entry, 1);
		exec &= !bit(entry, 63);
		table = field(entry, 51, 12) << 12;
		if (!last)
			continue;
		*leaf = (struct arch_leaf){
			.read = true,
			.write = write,
			.exec = exec,
			.accessed = bit(entry, 5),
			.dirty = bit(entry, 6),
		};
		return found(leaf, table, shift, address);
	}
	return ARCH_RESERVED;
}

/* Levels as the architecture counts: 3 is the last. */
static enum arch_result walk_arm64(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf)
{
	const unsigned int granule = tables->granule;
	const unsigned int first_block = granule == 12 ? 1 : 2;
	unsigned int top = tables->input_bits - 1;
	uint64_t table = tables->root;

	for (unsigned int level = 4 - tables->levels; level <= 3; level++) {
		unsigned int shift = (granule - 3) * (4 - level) + 3;
		uint64_t entry = fetch(table, field(address, top, shift));

		top = shift - 1;
		if (!bit(entry, 0))
			return ARCH_ABSENT;
		table = field(entry, 47, granule) << granule;
		if (bit(entry, 1) && level < 3)
			continue;
		if (level == 3 ? !bit(entry, 1) : level < first_block)
			return ARCH_RESERVED;
		if (field(entry, 5, 2) != 0xf)
			return ARCH_RESERVED; /* not normal memory: nothing here maps devices */
		*leaf = (struct arch_leaf){
			.read = bit(entry, 6),
			.write = bit(entry, 7),
			.exec = !bit(entry, 54),
			.accessed = bit(entry, 10),
			.dirty = bit(entry, 7),
		};
		return found(leaf, table, shift, address);
	}
	return ARCH_RESERVED;
}

static enum arch_result walk_riscv(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf)
{
	uint64_t table = tables->root;

	if (table & 0x3fff)
		return ARCH_RESERVED; /* the root is 16 KiB and aligned to that */
	for (unsigned int i = tables->levels; i-- > 0;) {
		unsigned int shift = 12 + 9 * i;
		bool root = i + 1 == tables->levels;
		uint64_t entry =
			fetch(table, root ? field(address, shift + 10, shift) : field(address, shift + 8, shift));

		if (!bit(entry, 0))
			return ARCH_ABSENT;
		if (field(entry, 63, 54) || (bit(entry, 2) && !bit(entry, 1)))
			return ARCH_RESERVED;
		table = field(entry, 53, 10) << 12;
		if (!field(entry, 3, 1)) {
			if (bit(entry, 4) || bit(entry, 6) || bit(entry, 7))
				return ARCH_RESERVED;
			continue;
		}
		if (!bit(entry, 4))
			return ARCH_RESERVED;
		*leaf = (struct arch_leaf){
			.read = bit(entry, 1),
			.write = bit(entry, 2),
			.exec = bit(entry, 3),
			.accessed = bit(entry, 6),
			.dirty = bit(entry, 7),
		};
		return found(leaf, table, shift, address);
	}
	return ARCH_RESERVED;
}

enum arch_result arch_walk(const struct arch_tables *tables, uint64_t address, struct arch_leaf *leaf)
{
	switch (tables->arch) {
	case ARCH_EPT:
		return walk_ept(tables, address, leaf);
	case ARCH_LONG:
		return walk_long(tables, address, leaf);
	case ARCH_ARM64:
		return walk_arm64(tables, address, leaf);
	case ARCH_RISCV:
		return walk_riscv(tables, address, leaf);
	}
	return ARCH_RESERVED;
}
