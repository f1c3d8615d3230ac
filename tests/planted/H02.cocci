// SPDX-License-Identifier: GPL-2.0-only
// H02-zap-leafs-yield-noflush
// class: 1
// breaks: a range zap yields mmu_lock with zapped entries that it has not flushed yet
// fix: a835429cda91 KVM: x86/mmu: Ensure TLBs are flushed when yielding during GFN range zap
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: tdp_mmu_zap_leafs
// found: stress --scenario notifier --resched 300000
@@
expression kvm, iter, flush, shared;
@@
tdp_mmu_zap_leafs(...)
{
<...
- tdp_mmu_iter_cond_resched(kvm, iter, flush, shared)
+ tdp_mmu_iter_cond_resched(kvm, iter, false, shared)
...>
}
