// SPDX-License-Identifier: GPL-2.0-only
// M32-notifier-as0-only
// class: 4
// breaks: the mmu_notifier forgets the slots of the second address space
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: __kvm_handle_hva_range kvm_handle_hva_range
// found: stress --scenario everything
@@
identifier i;
expression bound;
statement body;
@@
(
__kvm_handle_hva_range
|
kvm_handle_hva_range
)
 (...)
{
<...
- for (i = 0; i < bound; i++)
+ for (i = 0; i < 1; i++)
  body
...>
}
