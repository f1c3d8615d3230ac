// SPDX-License-Identifier: GPL-2.0-only
// M60-mixed-flag-head-only
// class: 8
// breaks: a 2 MiB frame with private and shared pages is not marked mixed
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: hugepage_has_attrs
// found: stress --scenario everything
@@
@@
hugepage_has_attrs(...)
{
<...
- return kvm_range_has_memory_attributes(...);
+ return true;
...>
}
