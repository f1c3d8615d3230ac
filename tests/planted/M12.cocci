// SPDX-License-Identifier: GPL-2.0-only
// M12-removed-pt-no-spin
// class: 3
// breaks: who removes a table does not wait for entries in it that another CPU has frozen, and counts them twice
// fix: none, a seeded fault
// file: arch/x86/kvm/mmu/tdp_mmu.c
// in: handle_removed_pt handle_removed_tdp_mmu_page
// found: nothing: of those who freeze entries under the shared lock, all hold slots_lock, too
@@
identifier handler =~ "^handle_removed_";
statement S;
expression e;
@@
handler(...)
{
<...
for (;;) {
	e = ...;
-	if (...)
-		break;
-	S
+	break;
}
...>
}
