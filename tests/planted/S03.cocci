// SPDX-License-Identifier: GPL-2.0-only
// S03-bitmap-plain
// class: 6
// breaks: a word of the dirty bitmap is read and then cleared by plain accesses, so that a bit set in between is lost
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: kvm_get_dirty_log_protect
// found: ci/canary TREE WORKDIR S03 --plain-points tests/bench/programs/logged-again.mmut
@@
expression bits, mask;
@@
kvm_get_dirty_log_protect(...)
{
<...
- mask = xchg(&bits, 0);
+ mask = bits;
+ bits = 0;
...>
}
