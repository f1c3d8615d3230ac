// SPDX-License-Identifier: GPL-2.0-only
// M02-hva-range-noflush
// class: 1
// breaks: the mmu_notifier returns without the TLB flush that its zaps ask for
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: __kvm_handle_hva_range kvm_handle_hva_range
@ new @
expression range, wanted;
// found: stress --scenario everything
@@
(
__kvm_handle_hva_range
|
kvm_handle_hva_range
)
 (...)
{
<...
- if (range->flush_on_ret && wanted) kvm_flush_remote_tlbs(...);
...>
}
