/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - the words that the port, the cores and the harness share.
 *
 * Units:  gfn, pfn and npages count 4 KiB pages; gpa, hpa and hva count bytes; ranges are half open [start, end).
 *         Levels are numbered as in KVM: 1 = 4 KiB, 2 = 2 MiB, 3 = 1 GiB, 4 and 5 hold tables only.
 * Worlds: this header compiles with the kernel's headers (-D__KERNEL__, no libc) and with libc (no kernel header); the
 *         typedefs below are the same types as in the kernel's linux/kvm_types.h, so that both may be seen at once.
 */
#ifndef MMU_CORE_TYPES_H
#define MMU_CORE_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#endif

#ifdef __KERNEL__
typedef u64 gfn_t;
typedef u64 gpa_t;
typedef unsigned long hva_t;
#else
typedef uint64_t gfn_t;
typedef uint64_t gpa_t;
typedef unsigned long hva_t;
#endif
typedef uint64_t mmu_pfn_t;
typedef uint64_t mmu_hpa_t;

#define MMU_PAGE_SHIFT 12
#define MMU_PAGE_SIZE (1UL << MMU_PAGE_SHIFT)
#define MMU_NO_PFN ((mmu_pfn_t)-1)
#define MMU_NO_HPA ((mmu_hpa_t)-1)

#define MMU_ADDRESS_SPACES_MAX 2
#define MMU_LEVEL_4K 1
#define MMU_LEVEL_2M 2
#define MMU_LEVEL_1G 3
#define MMU_LEVELS_MAX 5

/* Base pages per entry of level @level: 1, 512, 512 * 512, ... */
static inline uint64_t mmu_level_npages(int level)
{
	return (uint64_t)1 << (9 * (level - 1));
}

/* What one guest access does.  Any combination of READ, WRITE and EXEC; PRIVATE is what the guest claims of the gpa. */
enum mmu_access_bits {
	MMU_READ = 1 << 0,
	MMU_WRITE = 1 << 1,
	MMU_EXEC = 1 << 2,
	MMU_PRIVATE = 1 << 3,
};

/* The shape of the second-stage tables; each has a walker of its own in the simulated CPU. */
enum mmu_paging {
	MMU_PAGING_EPT,
	MMU_PAGING_NPT,
};

#endif
