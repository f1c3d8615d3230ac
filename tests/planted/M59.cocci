// SPDX-License-Identifier: GPL-2.0-only
// M59-gmem-invalidate-off-by-one
// class: 8
// breaks: the last page of a punched hole stays mapped
// fix: none, a seeded fault
// file: virt/kvm/guest_memfd.c
// in: kvm_gmem_invalidate_begin __kvm_gmem_invalidate_start
// found: stress --scenario everything
@@
expression base, last, end, offset;
@@
(
kvm_gmem_invalidate_begin
|
__kvm_gmem_invalidate_start
)
 (...)
{
<...
- base + min(last, end) - offset
+ base + min(last, end) - offset - 1
...>
}
