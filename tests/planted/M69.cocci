// SPDX-License-Identifier: GPL-2.0-only
// M69-role-no-smm
// class: 4
// breaks: the role of a vCPU in SMM does not say so, and it runs on the tables of the other address space
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: kvm_calc_cpu_role
// found: stress --scenario everything
@@
identifier role;
@@
kvm_calc_cpu_role(...)
{
<...
- role.base.smm = is_smm(...);
...>
}
