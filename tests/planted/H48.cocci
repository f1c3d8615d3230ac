// SPDX-License-Identifier: GPL-2.0-only
// H48-smm-flag-no-reset
// class: 4
// breaks: a vCPU that enters or leaves SMM keeps the root of the other address space
// fix: 78fcb2c91adf KVM: x86: Immediately reset the MMU context when the SMM flag is cleared
// file: arch/x86/kvm/smm.c
// file: arch/x86/kvm/x86.c
// in: kvm_smm_changed
// found: nothing: enter_smm() resets the MMU once more at its end, and RSM into long mode does where it sets CR0
@@
@@
kvm_smm_changed(...)
{
<...
- kvm_mmu_reset_context(...);
...>
}
