// SPDX-License-Identifier: GPL-2.0-only
// M40-bitmap-nonatomic
// class: 6
// breaks: a word of the dirty bitmap is read and then cleared, so that a bit set in between is lost
// fix: none, a seeded fault
// file: virt/kvm/kvm_main.c
// in: kvm_get_dirty_log_protect
// found: explore tests/bench/programs/logged-again.mmut
@@
expression bits, mask;
@@
kvm_get_dirty_log_protect(...)
{
<...
- mask = xchg(&bits, 0);
+ mask = READ_ONCE(bits);
+ WRITE_ONCE(bits, 0);
...>
}
