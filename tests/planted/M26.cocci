// SPDX-License-Identifier: GPL-2.0-only
// M26-no-seq-bump
// class: 3
// breaks: the end of an invalidation does not tell faults that looked the page up before it began
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: kvm_mmu_invalidate_end
// found: stress --scenario everything
@@
expression kvm;
@@
kvm_mmu_invalidate_end(...)
{
<...
- kvm->mmu_invalidate_seq++;
...>
}
