// SPDX-License-Identifier: GPL-2.0-only
/*
 * plain_points.c - plain loads and stores of the kernel's KVM files as scheduling points, where they are built so
 * (MMUTORTURE_PLAIN_POINTS): a race between accesses that nobody marked needs a switch between them.
 *
 * Called by what clang inserts before each access (-fsanitize-coverage=trace-loads,trace-stores).
 */
#include "mmu_core/host.h"

#define POINTS_OF(bytes, type)                                                         \
	void __sanitizer_cov_load##bytes(const type *address);                         \
	void __sanitizer_cov_load##bytes(const type *address)                          \
	{                                                                              \
		host_point_at(HOST_POINT_LOAD, address, __builtin_return_address(0));  \
	}                                                                              \
	void __sanitizer_cov_store##bytes(const type *address);                        \
	void __sanitizer_cov_store##bytes(const type *address)                         \
	{                                                                              \
		host_point_at(HOST_POINT_STORE, address, __builtin_return_address(0)); \
	}

POINTS_OF(1, uint8_t)
POINTS_OF(2, uint16_t)
POINTS_OF(4, uint32_t)
POINTS_OF(8, uint64_t)
POINTS_OF(16, __uint128_t)
