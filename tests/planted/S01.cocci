// SPDX-License-Identifier: GPL-2.0-only
// S01-table-freed-at-once
// class: 9
// breaks: a table that was removed under the shared lock goes back at once, while walkers may still be in it
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: handle_removed_pt handle_removed_tdp_mmu_page
// found: explore --scenario slots
@@
identifier handler =~ "^handle_removed_";
expression sp;
@@
handler(...)
{
<...
- call_rcu(&sp->rcu_head, tdp_mmu_free_sp_rcu_callback);
+ tdp_mmu_free_sp(sp);
...>
}
