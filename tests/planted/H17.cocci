// SPDX-License-Identifier: GPL-2.0-only
// H17-defer-invalid-root-zap
// class: 2
// breaks: roots that a slot update invalidated are not zapped before it returns, out of reach of the mmu_notifier
// fix: 0df9dab891ff KVM: x86/mmu: Stop zapping invalidated TDP MMU roots asynchronously
// file: arch/x86/kvm/mmu/mmu.c
// in: __kvm_mmu_zap_all_fast_back_half kvm_mmu_zap_all_fast
// found: stress --scenario everything
@@
@@
(
__kvm_mmu_zap_all_fast_back_half
|
kvm_mmu_zap_all_fast
)
 (...)
{
<...
- kvm_tdp_mmu_zap_invalidated_roots(...);
+ ;
...>
}
