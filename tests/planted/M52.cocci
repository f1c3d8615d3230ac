// SPDX-License-Identifier: GPL-2.0-only
// M52-ro-host-mapped-writable
// class: 9
// breaks: a page that the host maps read-only becomes writable for the guest
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/spte.c
// in: make_spte
// found: stress --scenario everything
@@
statement yes, no;
@@
make_spte(...)
{
<...
- if (host_writable)
+ if (true)
  yes
  else no
...>
}
