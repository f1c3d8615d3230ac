// SPDX-License-Identifier: GPL-2.0-only
/*
 * uaccess.c - copies to and from user memory: the guest's process inside hva space, the harness's own memory outside.
 */
#include <linux/uaccess.h>

#include "shim.h"

static bool in_hva_space(const void *address)
{
	return (unsigned long)address - HOST_HVA_BASE < HOST_HVA_BYTES;
}

/* Not an address of any process, the harness's included: a hostile argument. */
static bool beyond_user_space(const void __user *address, unsigned long bytes)
{
	return (unsigned long)address > TASK_SIZE_MAX || bytes > TASK_SIZE_MAX - (unsigned long)address;
}

/* real: KVM's copies of guest memory; where the process has none they fail */
unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long bytes)
{
	if (!in_hva_space((const void *)from) || !shim_current_host_mm())
		return bytes;
	return host_mm_read(shim_current_host_mm(), (hva_t)from, to, bytes);
}

/* real: as above */
unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long bytes)
{
	if (!in_hva_space((const void *)to) || !shim_current_host_mm())
		return bytes;
	return host_mm_write(shim_current_host_mm(), (hva_t)to, from, bytes);
}

/* real: the out-of-line forms, of arguments, zero what could not be read */
unsigned long _copy_from_user(void *to, const void __user *from, unsigned long bytes)
{
	unsigned long left = bytes;

	if (in_hva_space((const void *)from)) {
		left = raw_copy_from_user(to, from, bytes);
	} else if (!beyond_user_space(from, bytes)) {
		memcpy(to, (const void *)from, bytes);
		left = 0;
	}
	if (left)
		memset(to + bytes - left, 0, left);
	return left;
}

/* real: likewise */
unsigned long _copy_to_user(void __user *to, const void *from, unsigned long bytes)
{
	if (in_hva_space((const void *)to))
		return raw_copy_to_user(to, from, bytes);
	if (beyond_user_space(to, bytes))
		return bytes;
	memcpy((void *)to, from, bytes);
	return 0;
}

static void *copy_in(const void __user *from, size_t bytes)
{
	void *copy = kvmalloc(bytes, GFP_KERNEL);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (_copy_from_user(copy, from, bytes)) {
		kvfree(copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

#if HAVE_ALLOC_NOPROF && HAVE_MEMDUP_USER_NOPROF
/* real */
void *memdup_user_noprof(const void __user *from, size_t bytes)
#else
/* real */
void *memdup_user(const void __user *from, size_t bytes)
#endif
{
	return copy_in(from, bytes);
}

/* real */
void *vmemdup_user(const void __user *from, size_t bytes)
{
	return copy_in(from, bytes);
}

/* real: one atomic exchange on the page behind the address */
int shim_cmpxchg_user(void __user *address, void *old, u64 new, unsigned int bytes)
{
	struct host_mm *mm = shim_current_host_mm();
	struct host_mm_mapping mapping;
	void *word;
	bool equal;

	if (!mm || host_mm_fault(mm, (hva_t)address & PAGE_MASK, true, true, NULL, &mapping))
		return -EFAULT;
	word = host_pfn_to_va(mapping.pfn) + offset_in_page(address);
	switch (bytes) {
	case 1:
		equal = __atomic_compare_exchange_n((u8 *)word, (u8 *)old, (u8) new, false, 5, 5);
		break;
	case 2:
		equal = __atomic_compare_exchange_n((u16 *)word, (u16 *)old, (u16) new, false, 5, 5);
		break;
	case 4:
		equal = __atomic_compare_exchange_n((u32 *)word, (u32 *)old, (u32) new, false, 5, 5);
		break;
	default:
		equal = __atomic_compare_exchange_n((u64 *)word, (u64 *)old, new, false, 5, 5);
		break;
	}
	return !equal;
}

/* real */
void __copy_overflow(int size, unsigned long count)
{
	host_report(HOST_REPORT_BUG, NULL, 0, "copy of %lu bytes overflows a buffer of %d", count, size);
}
