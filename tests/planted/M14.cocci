// SPDX-License-Identifier: GPL-2.0-only
// M14-set-spte-nonatomic
// class: 3
// breaks: under the shared lock an entry is replaced by a blind store, over whatever another CPU has just written
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: __tdp_mmu_set_spte_atomic tdp_mmu_set_spte_atomic
@ local @
expression sptep, old, new;
// found: stress --scenario everything
@@
(
__tdp_mmu_set_spte_atomic
|
tdp_mmu_set_spte_atomic
)
 (...)
{
<...
- if (!try_cmpxchg64(sptep, old, new)) return -EBUSY;
+ WRITE_ONCE(*(sptep), new);
...>
}
