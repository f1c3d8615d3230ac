// SPDX-License-Identifier: GPL-2.0-only
// H31-memslot-swap-during-invalidate
// class: 3
// breaks: slots are swapped while an invalidation is open, so its start and its end see different slots
// fix: 52ac8b358b0c KVM: Block memslot updates across range_start() and range_end()
// file: virt/kvm/kvm_main.c
// in: kvm_swap_active_memslots
// found: stress --scenario everything
@@
expression kvm;
@@
kvm_swap_active_memslots(...)
{
<...
- while (kvm->mn_active_invalidate_count)
+ while (0)
  { ... }
...>
}
