// SPDX-License-Identifier: GPL-2.0-only
// M34-no-slot-zap
// class: 2
// breaks: deleting or moving a slot leaves its mappings in place
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: kvm_invalidate_memslot
// found: stress --scenario everything
@@
@@
kvm_invalidate_memslot(...)
{
<...
- kvm_arch_flush_shadow_memslot(...);
...>
}
