// SPDX-License-Identifier: GPL-2.0-only
// M62-lpage-tail-allowed
// class: 5
// breaks: the end of a slot that is no multiple of a huge page may be mapped by one
// fix: none, a seeded fault
// file: arch/x86/kvm/x86.c
// in: kvm_alloc_memslot_metadata
// found: run corpora/planted/M-47.mmut
@@
expression array, index;
@@
kvm_alloc_memslot_metadata(...)
{
<...
- array[index - 1].disallow_lpage = 1;
+ ;
...>
}
