// SPDX-License-Identifier: GPL-2.0-only
// H18-unmap-skips-invalid-roots
// class: 2
// breaks: the mmu_notifier unmaps from valid roots only; one that is being zapped keeps the dying pages
// fix: d62007edf01f KVM: x86/mmu: Zap _all_ roots when unmapping gfn range in TDP MMU
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: kvm_tdp_mmu_unmap_gfn_range
// found: stress --scenario everything
@@
expression kvm, root, as_id, types;
statement body;
iterator name __for_each_tdp_mmu_root_yield_safe;
@@
kvm_tdp_mmu_unmap_gfn_range(...)
{
<...
(
- __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, false, false)
+ __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, false, true)
  body
|
- __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, false)
+ __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, true)
  body
|
- __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, types)
+ __for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, types & ~KVM_INVALID_ROOTS)
  body
)
...>
}
