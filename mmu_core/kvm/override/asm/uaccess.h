/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uaccess.h - modelled: user memory is the primary MMU of a host mm (shim/uaccess.c).  Arguments of ioctls may be the
 * harness's own memory as well; KVM's copies from and to guest memory, which call the raw functions, may not: a slot's
 * address is whatever a hostile VMM said.  Single words are guest memory, too: paging_tmpl.h reads guest page tables by
 * __get_user(), or get_user() in later kernels, and no ioctl that the adapter issues takes its argument that way.  A
 * failing copy says how many bytes were left, as the kernel's does.
 */
#ifndef MMUTORTURE_ASM_UACCESS_H
#define MMUTORTURE_ASM_UACCESS_H

#define raw_copy_from_user arch_raw_copy_from_user
#define raw_copy_to_user arch_raw_copy_to_user
#include_next <asm/uaccess.h>
#undef raw_copy_from_user
#undef raw_copy_to_user

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long bytes);
unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long bytes);
/* 0: exchanged; 1: other value, left in @old; -EFAULT */
int shim_cmpxchg_user(void __user *address, void *old, u64 new, unsigned int bytes);

/*
 * Where user space ends: below the direct map, which is the arena, as on a real machine.  What lies behind is an error
 * to KVM (kvm_is_error_hva()), and its own memory to the harness.
 */
#undef access_ok
#define access_ok(address, bytes) \
	((unsigned long)(address) <= PAGE_OFFSET && \
	 (unsigned long)(bytes) <= PAGE_OFFSET - (unsigned long)(address))

#undef get_user
#undef __get_user
#undef put_user
#undef __put_user
#undef __try_cmpxchg_user

#define __get_user(value, pointer) \
	({ \
		typeof(*(pointer)) shim_value = 0; \
		int shim_error = raw_copy_from_user(&shim_value, pointer, sizeof(shim_value)) ? -EFAULT : 0; \
		(value) = (typeof(value))shim_value; \
		shim_error; \
	})
#define __put_user(value, pointer) \
	({ \
		typeof(*(pointer)) shim_value = (typeof(*(pointer)))(value); \
		raw_copy_to_user(pointer, &shim_value, sizeof(shim_value)) ? -EFAULT : 0; \
	})
#define get_user __get_user
#define put_user __put_user
#define __try_cmpxchg_user(pointer, old, new, label) \
	shim_cmpxchg_user((void __user *)(pointer), old, (u64)(new), sizeof(*(pointer)))

#endif
