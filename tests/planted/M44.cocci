// SPDX-License-Identifier: GPL-2.0-only
// M44-hugepage-under-dirty-log
// class: 5
// breaks: huge pages are mapped in a dirty-logged slot
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_mmu_hugepage_adjust
// found: stress --scenario everything
@@
expression slot;
@@
kvm_mmu_hugepage_adjust(...)
{
<...
- if (kvm_slot_dirty_track_enabled(slot)) return;
...>
}
