// SPDX-License-Identifier: GPL-2.0-only
// M53-attr-change-no-zap
// class: 8
// breaks: changing a range between private and shared leaves the old kind mapped
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_arch_pre_set_memory_attributes
// found: stress --scenario everything
@@
@@
kvm_arch_pre_set_memory_attributes(...)
{
<...
- return kvm_unmap_gfn_range(...);
+ return false;
...>
}
