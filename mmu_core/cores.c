// SPDX-License-Identifier: GPL-2.0-only
/*
 * cores.c - the cores that are built in.
 */
#include "mmu_core/core.h"

#if MMUTORTURE_HAVE_KVM
extern const struct mmu_core_ops kvm_core;
#endif
extern const struct mmu_core_ops reference_core;

const struct mmu_core_ops *const mmu_cores[] = {
#if MMUTORTURE_HAVE_KVM
	&kvm_core,
#endif
	&reference_core,
	NULL,
};
