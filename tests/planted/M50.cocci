// SPDX-License-Identifier: GPL-2.0-only
// M50-fault-pfn-leak
// class: 9
// breaks: the fault path keeps its reference to the page for ever
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_tdp_mmu_page_fault direct_page_fault
// found: stress --scenario everything
@@
@@
(
kvm_tdp_mmu_page_fault
|
direct_page_fault
)
 (...)
{
<...
(
- kvm_release_pfn_clean(...);
|
- kvm_mmu_finish_page_fault(...);
)
...>
}
