// SPDX-License-Identifier: GPL-2.0-only
// M45-wp-pt-masked-tdp-skipped
// class: 6
// breaks: fetching the dirty log does not write-protect the pages it reports
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_mmu_write_protect_pt_masked
// found: stress --scenario dirty --pml off
@@
@@
kvm_mmu_write_protect_pt_masked(...)
{
<...
- kvm_tdp_mmu_clear_dirty_pt_masked(...);
+ ;
...>
}
