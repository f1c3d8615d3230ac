// SPDX-License-Identifier: GPL-2.0-only
// M30-stale-check-skipped
// class: 3
// breaks: a fault no longer re-checks under mmu_lock whether its page has been invalidated meanwhile
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: is_page_fault_stale
// found: stress --scenario everything
@@
expression slot;
@@
is_page_fault_stale(...)
{
<...
(
- return slot && mmu_invalidate_retry_gfn(...);
+ return false;
|
- return slot && mmu_invalidate_retry_hva(...);
+ return false;
)
...>
}
