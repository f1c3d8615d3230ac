// SPDX-License-Identifier: GPL-2.0-only
// S02-slot-swap-no-srcu
// class: 2
// breaks: the old slots are changed while readers may still look at them
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: kvm_swap_active_memslots
// found: explore --scenario slots
@@
@@
kvm_swap_active_memslots(...)
{
<...
- synchronize_srcu_expedited(...);
...>
}
