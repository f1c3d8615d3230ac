// SPDX-License-Identifier: GPL-2.0-only
// H59-hugepage-during-attr-change
// class: 8
// breaks: while attributes change, a fault on a neighbouring gfn maps a huge page over the changing range
// fix: 9129633d568e KVM: x86/mmu: Prevent installing hugepages when mem attributes are changing
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_arch_pre_set_memory_attributes
// found: stress --scenario everything
@@
identifier level;
@@
kvm_arch_pre_set_memory_attributes(...)
{
<...
- for (level = PG_LEVEL_2M; level <= KVM_MAX_HUGEPAGE_LEVEL; level++) { ... }
...>
}
