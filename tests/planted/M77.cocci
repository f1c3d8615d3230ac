// SPDX-License-Identifier: GPL-2.0-only
// M77-disallowed-adjust-wrong-mask
// class: 5
// breaks: a mapping that the NX mitigation forces down to 4 KiB maps the first page of the huge page
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/mmu.c
// in: disallowed_hugepage_adjust
// found: stress --scenario everything
@@
expression fault, bits;
@@
disallowed_hugepage_adjust(...)
{
<...
- fault->pfn |= bits;
...>
}
