// SPDX-License-Identifier: GPL-2.0-only
// M11-zap-without-frozen
// class: 3
// breaks: a zap under the shared lock makes the entry non-present before the flush, so that a fault may fill it already
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: tdp_mmu_zap_spte_atomic
// found: stress --scenario everything
@@
@@
tdp_mmu_zap_spte_atomic(...)
{
<...
(
- FROZEN_SPTE
+ SHADOW_NONPRESENT_VALUE
|
- REMOVED_SPTE
+ 0
)
...>
}
