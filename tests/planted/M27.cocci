// SPDX-License-Identifier: GPL-2.0-only
// M27-retry-ignores-in-progress
// class: 3
// breaks: a fault re-checks the invalidation sequence only, not whether an invalidation of its gfn is going on
// fix: none, a seeded fault
// file: include/linux/kvm_host.h
// in: mmu_invalidate_retry_gfn mmu_invalidate_retry_hva
// found: stress --scenario everything
@@
expression kvm;
@@
(
mmu_invalidate_retry_gfn
|
mmu_invalidate_retry_hva
)
 (...)
{
<...
- unlikely(kvm->mmu_invalidate_in_progress)
+ false
...>
}
