// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - memory slots, attributes and guest_memfd, handed to KVM exactly as they were asked for.
 */
#include "adapter.h"

#include <linux/falloc.h>

static_assert(MMU_SLOT_LOG_DIRTY == KVM_MEM_LOG_DIRTY_PAGES);
static_assert(MMU_SLOT_READONLY == KVM_MEM_READONLY);
#if HAVE_GUEST_MEMFD
static_assert(MMU_SLOT_GMEM == KVM_MEM_GUEST_MEMFD);
#endif
#if HAVE_GUEST_MEMFD_FLAGS
static_assert(MMU_GMEM_MMAP == GUEST_MEMFD_FLAG_MMAP);
static_assert(MMU_GMEM_INIT_SHARED == GUEST_MEMFD_FLAG_INIT_SHARED);
#endif
#if HAVE_MEMORY_ATTRIBUTES
static_assert(MMU_ATTRIBUTE_PRIVATE == KVM_MEMORY_ATTRIBUTE_PRIVATE);
#endif

/* The kernel's descriptor of what a request calls its guest_memfd. */
static int file_descriptor(const struct mmu_vm *vm, int gmem)
{
	return gmem == MMU_GMEM_OTHER_FILE ? vm->fd : gmem;
}

int adapter_slot_set_v1(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	struct kvm_userspace_memory_region region = {
		.slot = (u32)request->as_id << 16 | request->id,
		.flags = request->flags,
		.guest_phys_addr = request->gpa,
		.memory_size = request->bytes,
		.userspace_addr = request->hva,
	};

	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (unsigned long)&region);
}

int adapter_slot_set(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
#if HAVE_MEMORY_REGION2
	struct kvm_userspace_memory_region2 region = {
		.slot = (u32)request->as_id << 16 | request->id,
		.flags = request->flags,
		.guest_phys_addr = request->gpa,
		.memory_size = request->bytes,
		.userspace_addr = request->hva,
		.guest_memfd = file_descriptor(vm, request->gmem),
		.guest_memfd_offset = request->gmem_offset,
	};

	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION2, (unsigned long)&region);
#else
	return adapter_slot_set_v1(vm, request);
#endif
}

int adapter_attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags)
{
#if HAVE_MEMORY_ATTRIBUTES
	struct kvm_memory_attributes request = {
		.address = gpa,
		.size = bytes,
		.attributes = attributes,
		.flags = flags,
	};

	adapter_enter(vm);
	return shim_ioctl(vm->fd, KVM_SET_MEMORY_ATTRIBUTES, (unsigned long)&request);
#else
	(void)vm, (void)gpa, (void)bytes, (void)attributes, (void)flags;
	return -EOPNOTSUPP;
#endif
}

static void gmem_forget(struct mmu_vm *vm, int fd)
{
	struct adapter_gmem **link, *gmem;

	adapter_lock(&vm->lock, &adapter_mutex_class);
	for (link = &vm->gmems; *link && (*link)->fd != fd; link = &(*link)->next)
		;
	gmem = *link;
	HOST_ASSERT(gmem);
	*link = gmem->next;
	adapter_unlock(&vm->lock);
	host_free(gmem);
}

#if HAVE_GUEST_MEMFD
/* An open guest_memfd keeps its VM alive: remember it, so that destroying the VM can close what was left open. */
static void gmem_remember(struct mmu_vm *vm, int fd)
{
	struct adapter_gmem *gmem = host_alloc(sizeof(*gmem), 0, HOST_ALLOC_NOFAIL);

	gmem->fd = fd;
	adapter_lock(&vm->lock, &adapter_mutex_class);
	gmem->next = vm->gmems;
	vm->gmems = gmem;
	adapter_unlock(&vm->lock);
}

int adapter_gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags)
{
	struct kvm_create_guest_memfd request = { .size = bytes, .flags = flags };
	int fd;

	adapter_enter(vm);
	fd = shim_ioctl(vm->fd, KVM_CREATE_GUEST_MEMFD, (unsigned long)&request);
	if (fd >= 0)
		gmem_remember(vm, fd);
	return fd;
}
#else
int adapter_gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags)
{
	(void)vm, (void)bytes, (void)flags;
	return -EOPNOTSUPP;
}
#endif

int adapter_gmem_fallocate(struct mmu_vm *vm, int gmem, unsigned int mode, uint64_t offset, uint64_t bytes)
{
	adapter_enter(vm);
	return shim_fallocate(file_descriptor(vm, gmem), mode, offset, bytes);
}

int adapter_gmem_error(struct mmu_vm *vm, int gmem, uint64_t offset)
{
	adapter_enter(vm);
	return shim_memory_failure(file_descriptor(vm, gmem), offset >> PAGE_SHIFT);
}

void adapter_gmem_close(struct mmu_vm *vm, int gmem)
{
	adapter_enter(vm);
	gmem_forget(vm, gmem);
	shim_close(gmem);
}

void adapter_gmem_close_all(struct mmu_vm *vm)
{
	while (vm->gmems)
		adapter_gmem_close(vm, vm->gmems->fd);
}

/* The shim describes a page of the page cache by the number of its inode. */
uint64_t adapter_gmem_id(struct mmu_vm *vm, int gmem)
{
	struct file *file = shim_file(gmem);

	(void)vm;
	return file ? file->f_mapping->host->i_ino : 0;
}
