// SPDX-License-Identifier: GPL-2.0-only
/* data.c - variables of the kernel that KVM reads, and no function of ours fills. */
#include <linux/hugetlb.h>
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

/* After mm.h: the 6.1 ones take for granted what it includes. */
#include <asm/debugreg.h>
#include <asm/nospec-branch.h>
#include <asm/vmx.h>
#if __has_include(<asm/virt.h>)
#include <asm/virt.h>
#endif

#include "shim.h"

/* no-op: nobody debugs the host */
DEFINE_PER_CPU(unsigned long, cpu_dr7);
/* no-op: static keys are plain variables here, ready from the start */
bool static_key_initialized = true;
/* modelled: a processor that L1TF does not concern */
enum vmx_l1d_flush_state l1tf_vmx_mitigation = VMENTER_L1D_FLUSH_NOT_REQUIRED;
/* no-op: the host's own speculation barriers */
DEFINE_PER_CPU(bool, x86_ibpb_exit_to_user);
/* modelled: the iTLB erratum behind the "auto" mode of NX huge pages is taken to be there */
bool itlb_multihit_kvm_mitigation = true;
/* modelled: the end of user space with four levels, TASK_SIZE_MAX; read by access_ok() */
unsigned long USER_PTR_MAX = (1UL << 47) - PAGE_SIZE;
#if HAVE_HUGETLB_OPTIMIZE_KEY
/* no-op: vmemmap is not optimised */
DEFINE_STATIC_KEY_FALSE(hugetlb_optimize_vmemmap_key);
#endif
#if HAVE_SWITCH_VCPU_IBPB
/* no-op: the host's own speculation barriers */
DEFINE_STATIC_KEY_FALSE(switch_vcpu_ibpb);
#endif
#if HAVE_VIRT_REBOOTING
/* no-op: the host never reboots */
bool virt_rebooting;
#endif
#if HAVE_PGDIR_SHIFT
/* real: the host's own tables have four levels */
unsigned int pgdir_shift = 39;
/* real */
unsigned int ptrs_per_p4d = 1;
#endif
#if HAVE_ZERO_PAGE_PFN
/* real: no arena page is the zero page */
unsigned long zero_page_pfn = ULONG_MAX;
#else
/* real: no arena page is the zero page */
unsigned long zero_pfn = ULONG_MAX;
#endif

/* real: pfn_valid() says yes for the arena and for nothing else */
struct mem_section **mem_section;

void shim_sections_boot(void)
{
	unsigned long sections = HOST_ARENA_PAGES >> PFN_SECTION_SHIFT;

	mem_section = host_alloc(NR_SECTION_ROOTS * sizeof(*mem_section), 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	for (unsigned long i = 0; i < sections; i++) {
		struct mem_section **root = &mem_section[SECTION_NR_TO_ROOT(i)];

		if (!*root)
			*root = host_alloc(PAGE_SIZE, PAGE_SIZE, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
		(*root)[i & SECTION_ROOT_MASK].section_mem_map = SECTION_MARKED_PRESENT | SECTION_HAS_MEM_MAP |
								 SECTION_IS_ONLINE | SECTION_IS_EARLY;
	}
}

/* The address of these is taken; nobody calls them, since there are no VFIO devices. */
struct file;

/* traps */
bool vfio_file_is_group(struct file *file)
{
	shim_unreachable(__func__);
}

/* traps */
bool vfio_file_is_valid(struct file *file)
{
	shim_unreachable(__func__);
}

/* traps */
bool vfio_file_enforced_coherent(struct file *file)
{
	shim_unreachable(__func__);
}

/* traps */
void vfio_file_set_kvm(struct file *file, struct kvm *kvm)
{
	shim_unreachable(__func__);
}

void shim_unreachable(const char *symbol)
{
	host_assert_failed("mmu_core/kvm/shim: KVM called what the shim does not provide", 0, symbol);
}
