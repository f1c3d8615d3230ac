// SPDX-License-Identifier: GPL-2.0-only
// M01-zap-atomic-noflush
// class: 1
// breaks: a zap under the shared lock forgets the flush between freezing an entry and clearing it
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
- kvm_flush_remote_tlbs_gfn(...);
|
- kvm_flush_remote_tlbs_with_address(...);
)
...>
}
