// SPDX-License-Identifier: GPL-2.0-only
// H12-stale-root-no-retry
// class: 2
// breaks: a fault installs entries in a root that a slot update has invalidated since the vCPU loaded it
// fix: a955cad84cda KVM: x86/mmu: Retry page fault if root is invalidated by memslot update
// file: arch/x86/kvm/mmu/mmu.c
// in: is_page_fault_stale
// found: stress --scenario everything
@@
expression kvm, root;
@@
is_page_fault_stale(...)
{
<...
- if (root && is_obsolete_sp(kvm, root)) return true;
...>
}
