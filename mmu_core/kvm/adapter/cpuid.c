// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpuid.c - the processor that the guest believes it has.
 *
 * A fixed table, not KVM_GET_SUPPORTED_CPUID, so that a run does not depend on the machine it runs on.  It holds what
 * roles and reserved bits are computed from (spec.md S3.4): long mode, NX, 1 GiB pages, 57-bit addresses, MAXPHYADDR.
 */
#include "adapter.h"

#define BIT_OF(feature) BIT((feature) & 31)

/* "GenuineIntel" or "AuthenticAMD", in the order EBX, EDX, ECX. */
static void set_vendor(struct kvm_cpuid_entry2 *leaf, enum mmu_paging paging)
{
	const char *name = paging == MMU_PAGING_EPT ? "GenuineIntel" : "AuthenticAMD";

	memcpy(&leaf->ebx, name, 4);
	memcpy(&leaf->edx, name + 4, 4);
	memcpy(&leaf->ecx, name + 8, 4);
}

static unsigned int fill(struct kvm_cpuid_entry2 *leafs, const struct mmu_core_config *config)
{
	const u32 basic = BIT_OF(X86_FEATURE_FPU) | BIT_OF(X86_FEATURE_PSE) | BIT_OF(X86_FEATURE_TSC) |
			  BIT_OF(X86_FEATURE_MSR) | BIT_OF(X86_FEATURE_PAE) | BIT_OF(X86_FEATURE_CX8) |
			  BIT_OF(X86_FEATURE_PGE) | BIT_OF(X86_FEATURE_PAT) | BIT_OF(X86_FEATURE_PSE36) |
			  BIT_OF(X86_FEATURE_FXSR) | BIT_OF(X86_FEATURE_XMM) | BIT_OF(X86_FEATURE_XMM2);
	const u32 extended = BIT_OF(X86_FEATURE_SYSCALL) | BIT_OF(X86_FEATURE_NX) | BIT_OF(X86_FEATURE_GBPAGES) |
			     BIT_OF(X86_FEATURE_LM);
	const bool la57 = config->root_level > 4;
	unsigned int n = 0;

	leafs[n] = (struct kvm_cpuid_entry2){ .function = 0, .eax = 7 };
	set_vendor(&leafs[n++], config->paging);
	leafs[n++] = (struct kvm_cpuid_entry2){ .function = 1, .eax = 0x000006f0, .edx = basic };
	leafs[n++] = (struct kvm_cpuid_entry2){
		.function = 7,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		.ecx = la57 ? BIT_OF(X86_FEATURE_LA57) : 0,
	};
	leafs[n] = (struct kvm_cpuid_entry2){ .function = 0x80000000, .eax = 0x80000008 };
	set_vendor(&leafs[n++], config->paging);
	leafs[n++] = (struct kvm_cpuid_entry2){ .function = 0x80000001, .edx = extended };
	leafs[n++] = (struct kvm_cpuid_entry2){
		.function = 0x80000008,
		.eax = (la57 ? 57 : 48) << 8 | config->maxphyaddr,
	};
	return n;
}

int adapter_cpuid_set(int vcpu_fd)
{
	const unsigned int room = 8;
	struct kvm_cpuid2 *cpuid;
	int err;

	cpuid = host_alloc(struct_size(cpuid, entries, room), 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	cpuid->nent = fill(cpuid->entries, adapter_config());
	HOST_ASSERT(cpuid->nent <= room);
	err = shim_ioctl(vcpu_fd, KVM_SET_CPUID2, (unsigned long)cpuid);
	host_free(cpuid);
	return err;
}
