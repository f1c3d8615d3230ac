// SPDX-License-Identifier: GPL-2.0-only
/*
 * difference.c - what two sides may differ in, by name, and what the specification says of it.
 */
#include "harness/compare/compare.h"

#include <inttypes.h>
#include <string.h>

#include "harness/finding/known.h"

static const struct {
	const char *name, *meaning;
} names[DIFFERENCES] = {
	[DIFFERENCE_LENGTH] = { "length",
				"one of the two ends early: it has crashed, or found something (mmutorture run)" },
	[DIFFERENCE_RESULT] = { "result", "an operation returns something else; spec.md 8 says what is right" },
	[DIFFERENCE_SLOTS] = { "slots", "the slots are others; spec.md O-10" },
	[DIFFERENCE_PAGE] = { "page", "a gfn leads to another page; spec.md I-Z1 says which is right" },
	[DIFFERENCE_PERMISSIONS] = { "permissions", "a page may be used otherwise; spec.md 7.1" },
	[DIFFERENCE_MAPPED] = { "mapped", "a page is mapped in one of them only: zapped too much, or too little" },
	[DIFFERENCE_COUNTER] = { "counter", "a counter differs; spec.md 7.4, 7.13" },
	[DIFFERENCE_PRIVATE] = { "D-a", "private memory zapped, or aged, by an event about shared memory, or not" },
	[DIFFERENCE_ALL_ZAPPED] = { "D-b", "more than the slot that went was zapped" },
	[DIFFERENCE_LEVEL] = { "D-c", "the same pages by leafs of other sizes, or zapped to become so" },
	[DIFFERENCE_NEIGHBOURS] = { "D-d", "neighbours mapped ahead; shadow paging only" },
	[DIFFERENCE_RETRIES] = { "D-e", "faults tried again; not to be seen in one thread" },
	[DIFFERENCE_MORE_DIRTY] = { "D-f", "a page of a logged slot reported, or writable, before it was written" },
	[DIFFERENCE_FLUSHES] = { "D-g", "flushes asked for" },
	[DIFFERENCE_MMIO] = { "D-h", "an entry that says that nothing is there, or none" },
	[DIFFERENCE_SHADOW] = { "D-i", "shadow pages recycled; shadow paging only" },
	[DIFFERENCE_LEAFS_COUNTED] = { "D-j", "leafs and tables counted, those of invalid roots as well" },
	[DIFFERENCE_TRACKED_ELSEWHERE] = { "D-k", "protected in another address space; shadow paging only" },
	[DIFFERENCE_MMIO_INFO] = { "mmio-info",
				   "known: where memory is by now a vCPU goes on with what it knew of MMIO; "
				   "docs/FINDINGS.md; nothing is compared behind it" },
	[DIFFERENCE_GMEM_END] = { "gmem-end", "known: a slot that only one made, where refusals.def leaves it open; "
					      "docs/FINDINGS.md; nothing is compared behind it" },
	[DIFFERENCE_RING_OVERRUN] = { "ring",
				      "known: a pre-fault has overrun a dirty ring; docs/FINDINGS.md; nothing is "
				      "compared behind it" },
	[DIFFERENCE_SMM] = { "smm",
			     "known: a kernel that enters system-management mode though no state could be saved; "
			     "docs/FINDINGS.md; nothing is compared behind it" },
	[DIFFERENCE_VCPU_ID] = { "vcpu-id", "known: a vCPU that only one made, as the kernel cuts its id; "
					    "docs/FINDINGS.md; nothing is compared behind it" },
	[DIFFERENCE_NO_ROOM] = { "no-room",
				 "no tables for a VM without slots, where refusals.def leaves it open; nothing "
				 "is compared behind it" },
	[DIFFERENCE_SPLIT_ZAPPED] = { "split", "where a fault makes a large leaf small, its other pages are zapped" },
	[DIFFERENCE_PREFAULT] = { "prefault", "known: a pre-fault makes writable in place what was mapped for reading; "
					      "spec.md I-S4; docs/FINDINGS.md" },
	[DIFFERENCE_WINDOW_BY_HVA] = { "window",
				       "a fault beside an open invalidation, of which the kernel knows the hva "
				       "and not the gfn, and asks the host first" },
	[DIFFERENCE_REFUSED_MOVE] = { "move", "a slot that was not moved after all was zapped, or not; spec.md I-L7" },
	[DIFFERENCE_ERRNO] = { "errno", "both refuse, with errnos that refusals.def allows both of" },
	[DIFFERENCE_TRACKED] = { "tracked", "a leaf that shows no permissions until it is accessed; spec.md I-S10" },
};

/* What in the kernel's source does it. */
static const struct {
	enum difference difference;
	const char *path, *text;
} peculiar[] = {
	{ DIFFERENCE_MMIO_INFO, "arch/x86/kvm/x86.h", "kvm_memslots(vcpu->kvm)->generation" },
	{ DIFFERENCE_GMEM_END, "virt/kvm/guest_memfd.c", "\tloff_t size = slot->npages << PAGE_SHIFT;" },
	{ DIFFERENCE_SMM, "arch/x86/kvm/x86.c",
	  "\tkvm_vcpu_write_guest(vcpu, vcpu->arch.smbase + 0xfe00, buf, sizeof(buf));" },
	{ DIFFERENCE_VCPU_ID, "virt/kvm/kvm_main.c", "kvm_vm_ioctl_create_vcpu(struct kvm *kvm, u32 id)" },
	{ DIFFERENCE_SPLIT_ZAPPED, "arch/x86/kvm/mmu/tdp_mmu.c", "if (tdp_mmu_zap_spte_atomic(vcpu->kvm, &iter))" },
	{ DIFFERENCE_PREFAULT, "arch/x86/kvm/mmu/tdp_mmu.c", "iter->old_spte, fault->prefetch, true," },
	{ DIFFERENCE_WINDOW_BY_HVA, "arch/x86/kvm/mmu/mmu.c", "mmu_invalidate_retry_hva(" },
};

uint64_t compare_peculiar(const struct mmu_core_ops *core)
{
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof(peculiar) / sizeof(peculiar[0]); i++) {
		if (!strcmp(core->name, "kvm") && known_source_has(peculiar[i].path, peculiar[i].text))
			set |= 1ull << peculiar[i].difference;
	}
	return set;
}

const char *difference_name(enum difference difference)
{
	return names[difference].name;
}

const char *difference_meaning(enum difference difference)
{
	return names[difference].meaning;
}

enum difference compare_first(const struct comparison *comparison)
{
	enum difference first = DIFFERENCES;

	for (unsigned int i = 0; i < DIFFERENCE_FIRST_EXPECTED; i++) {
		if (comparison->count[i] &&
		    (first == DIFFERENCES || comparison->first_op[i] < comparison->first_op[first]))
			first = i;
	}
	return first;
}

bool compare_differs(const struct comparison *comparison)
{
	return compare_first(comparison) != DIFFERENCES;
}

static void print_row(const struct comparison *comparison, enum difference difference, FILE *out)
{
	fprintf(out, "  %-12s %6" PRIu64 "  %s%s\n", difference_name(difference), comparison->count[difference],
		difference < DIFFERENCE_FIRST_EXPECTED ? "" : "expected: ", difference_meaning(difference));
	fprintf(out, "               first: %s\n", comparison->first[difference]);
}

void compare_print(const struct comparison *comparison, FILE *out)
{
	fprintf(out, "%" PRIu64 " operations on %s and on %s\n", comparison->ops, comparison->left_name,
		comparison->right_name);
	for (unsigned int i = 0; i < DIFFERENCES; i++) {
		if (comparison->count[i])
			print_row(comparison, i, out);
	}
	fprintf(out, "expected differences:");
	for (unsigned int i = DIFFERENCE_FIRST_EXPECTED; i < DIFFERENCES; i++)
		fprintf(out, " %s %" PRIu64, difference_name(i), comparison->count[i]);
	fprintf(out, compare_differs(comparison) ? "\nthey differ\n" : "\nno differences\n");
}

/*
 * Every operation of each side is held to refusals.def and its accesses to the oracle as it runs, and its tables are
 * audited: who breaks a rule of the specification has a finding of his own.
 */
const char *compare_verdict(const struct comparison *comparison, bool left_found, bool right_found)
{
	if (left_found && right_found)
		return "neither: both break rules of it by themselves (mmutorture run)";
	if (left_found)
		return "the right side: the left one breaks a rule of it by itself (mmutorture run)";
	if (right_found)
		return "the left side: the right one breaks a rule of it by itself (mmutorture run)";
	switch (compare_first(comparison)) {
	case DIFFERENCE_MAPPED:
		return "both: what is mapped is justified (I-Z1 was audited), and nothing has to be mapped";
	case DIFFERENCE_PERMISSIONS:
		return "both: no access got more than slot, host and log allow; who allows less faults once more";
	case DIFFERENCES:
		return "both: only what section 11 allows differs";
	default:
		return "whom the section that is named above supports: no check of a rule decides";
	}
}
