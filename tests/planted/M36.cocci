// SPDX-License-Identifier: GPL-2.0-only
// M36-fast-pf-blind-store
// class: 3
// breaks: a fast page fault writes its entry without looking whether it has been zapped meanwhile
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: fast_pf_fix_direct_spte
// found: explore tests/bench/programs/write-protected.mmut
@@
expression sptep, old, new;
@@
fast_pf_fix_direct_spte(...)
{
<...
(
- if (!try_cmpxchg64(sptep, old, new)) return false;
+ WRITE_ONCE(*(sptep), new);
|
- if (cmpxchg64(sptep, old, new) != old) return false;
+ WRITE_ONCE(*(sptep), new);
)
...>
}
