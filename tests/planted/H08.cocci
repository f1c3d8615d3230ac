// SPDX-License-Identifier: GPL-2.0-only
// H08-dirty-enable-noflush
// class: 6
// breaks: enabling dirty logging leaves writable translations in the TLBs
// fix: b64d740ea7dd kvm: x86: mmu: Always flush TLBs when enabling dirty logging
// file: arch/x86/kvm/x86.c
// in: kvm_mmu_slot_apply_flags
// found: stress --scenario everything
@@
@@
kvm_mmu_slot_apply_flags(...)
{
<...
(
- kvm_flush_remote_tlbs_memslot(...);
|
- kvm_arch_flush_remote_tlbs_memslot(...);
)
...>
}
