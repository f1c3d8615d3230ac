// SPDX-License-Identifier: GPL-2.0-only
// M21-alloc-root-no-recheck
// class: 2
// breaks: two vCPUs that load a root at once both create one, with the same role
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: kvm_tdp_mmu_alloc_root
// found: explore --scenario slots
@@
expression root, head, link;
iterator name list_for_each_entry;
@@
kvm_tdp_mmu_alloc_root(...)
{
<...
- list_for_each_entry(root, head, link) { ... }
...>
}
