// SPDX-License-Identifier: GPL-2.0-only
/*
 * uapi.c - ioctls with arguments made of raw words, as a hostile process would make them.
 *
 * The words are laid over the first bytes of the ioctl's structure; what they do not reach is zero.  Only pointers are
 * the adapter's own: an address of the caller's choosing may be one of the harness.
 */
#include "adapter.h"

#define WORDS_BYTES (MMU_UAPI_WORDS * sizeof(uint64_t))

/* Not an address of user space (TASK_SIZE_MAX), in any process. */
#define BAD_POINTER ((void *)-PAGE_SIZE)

/* As long as the log of the largest slot there is room for in the harness. */
#define BITMAP_BYTES (((size_t)1 << 20) / 8)

struct call {
	unsigned int number; /* 0: this tree does not have it */
	enum {
		BY_STRUCT,
		BY_NUMBER
	} argument;
	bool of_vcpu;
	bool makes_file;
};

static const struct call calls[MMU_UAPIS] = {
	[MMU_UAPI_SET_USER_MEMORY_REGION] = { .number = KVM_SET_USER_MEMORY_REGION },
#if HAVE_MEMORY_REGION2
	[MMU_UAPI_SET_USER_MEMORY_REGION2] = { .number = KVM_SET_USER_MEMORY_REGION2 },
#endif
	[MMU_UAPI_GET_DIRTY_LOG] = { .number = KVM_GET_DIRTY_LOG },
	[MMU_UAPI_CLEAR_DIRTY_LOG] = { .number = KVM_CLEAR_DIRTY_LOG },
#if HAVE_MEMORY_ATTRIBUTES
	[MMU_UAPI_SET_MEMORY_ATTRIBUTES] = { .number = KVM_SET_MEMORY_ATTRIBUTES },
#endif
#if HAVE_GUEST_MEMFD
	[MMU_UAPI_CREATE_GUEST_MEMFD] = { .number = KVM_CREATE_GUEST_MEMFD, .makes_file = true },
#endif
#if HAVE_PRE_FAULT_MEMORY
	[MMU_UAPI_PRE_FAULT_MEMORY] = { .number = KVM_PRE_FAULT_MEMORY, .of_vcpu = true },
#endif
	[MMU_UAPI_CREATE_VCPU] = { .number = KVM_CREATE_VCPU, .argument = BY_NUMBER, .makes_file = true },
	[MMU_UAPI_ENABLE_CAP] = { .number = KVM_ENABLE_CAP },
	[MMU_UAPI_SET_NR_MMU_PAGES] = { .number = KVM_SET_NR_MMU_PAGES, .argument = BY_NUMBER },
	[MMU_UAPI_RESET_DIRTY_RINGS] = { .number = KVM_RESET_DIRTY_RINGS, .argument = BY_NUMBER },
	[MMU_UAPI_SMI] = { .number = KVM_SMI, .argument = BY_NUMBER, .of_vcpu = true },
};

union argument {
	uint64_t words[MMU_UAPI_WORDS];
	struct kvm_dirty_log log;
	struct kvm_clear_dirty_log clear;
	struct kvm_enable_cap cap;
	u8 longest[256];
};

/* The pointer inside of a structure; NULL: there is none. */
static void __user **inner_pointer(union argument *argument, enum mmu_uapi call)
{
	switch (call) {
	case MMU_UAPI_GET_DIRTY_LOG:
		return &argument->log.dirty_bitmap;
	case MMU_UAPI_CLEAR_DIRTY_LOG:
		return &argument->clear.dirty_bitmap;
	default:
		return NULL;
	}
}

static long call_with_struct(int fd, const struct call *row, enum mmu_uapi call, bool bad_pointer,
			     union argument *argument)
{
	void __user **inner = inner_pointer(argument, call);
	void *bitmap;
	long result;

	if (!inner)
		return shim_ioctl(fd, row->number, (unsigned long)(bad_pointer ? BAD_POINTER : argument));
	bitmap = host_alloc(BITMAP_BYTES, 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	*inner = bad_pointer ? BAD_POINTER : bitmap;
	result = shim_ioctl(fd, row->number, (unsigned long)argument);
	host_free(bitmap);
	return result;
}

int adapter_uapi(struct mmu_vm *vm, struct mmu_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer,
		 const uint64_t words[MMU_UAPI_WORDS])
{
	const struct call *row = &calls[call];
	union argument argument = { 0 };
	long result;
	int fd;

	HOST_ASSERT((unsigned int)call < MMU_UAPIS);
	if (!row->number)
		return -EOPNOTSUPP;
	fd = row->of_vcpu ? vcpu->fd : vm->fd;
	memcpy(argument.words, words, WORDS_BYTES);
	adapter_enter(vm);
	if (row->of_vcpu)
		adapter_run_begin(vcpu);
	if (row->argument == BY_NUMBER)
		result = shim_ioctl(fd, row->number, words[0]);
	else
		result = call_with_struct(fd, row, call, bad_pointer, &argument);
	if (row->of_vcpu)
		adapter_run_end(vcpu, false);
	if (row->makes_file && result >= 0) {
		shim_close(result);
		result = 0;
	}
	return result;
}
