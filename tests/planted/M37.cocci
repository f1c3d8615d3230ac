// SPDX-License-Identifier: GPL-2.0-only
// M37-fast-pf-no-dirty
// class: 6
// breaks: a fast page fault makes an entry writable again without logging the page
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: fast_pf_fix_direct_spte
// found: stress --scenario dirty --pml off
@@
@@
fast_pf_fix_direct_spte(...)
{
<...
- mark_page_dirty_in_slot(...);
+ ;
...>
}
