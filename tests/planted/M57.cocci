// SPDX-License-Identifier: GPL-2.0-only
// M57-gmem-release-no-zap
// class: 8
// breaks: closing a guest_memfd leaves its pages mapped
// fix: none, a seeded fault
// file: virt/kvm/guest_memfd.c
// in: kvm_gmem_release
// found: stress --scenario everything
@@
@@
kvm_gmem_release(...)
{
<...
(
- kvm_gmem_invalidate_begin(...);
|
- kvm_gmem_invalidate_end(...);
|
- __kvm_gmem_invalidate_start(...);
|
- __kvm_gmem_invalidate_end(...);
)
...>
}
