// SPDX-License-Identifier: GPL-2.0-only
/*
 * gmem.c - guest_memfd: files whose pages back private memory and are mapped nowhere else.
 *
 * A page is made, zeroed, when it is first asked for, and goes back when its offset is punched out or the file closed.
 * Before it goes, all slots that are bound to the offset are invalidated: private leafs only.
 *
 * A file that is closed stays as an object until no fault can be inside of it (SRCU).
 * Locking: gmem_file.lock: pages and bindings.  Binding and unbinding: slots_lock as well.
 * Source:  spec.md S2.3, O-31 to O-35, 10.2.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

struct gmem_file {
	struct gmem_file *next; /* files_lock */
	int descriptor;
	uint64_t id;
	uint64_t npages;
	struct host_lock lock;
	struct gmm_radix pages; /* pfn + 1, by page of the file */
	struct gmm_slot *bound;
	uint32_t users; /* files_lock: operations that have found it by its descriptor */
	bool closed;
};

static bool is_unaligned(uint64_t bytes)
{
	return bytes & (MMU_PAGE_SIZE - 1);
}

/* ----------------------------------------------------------------------------------------------------- descriptors */

static struct gmem_file *get(struct mmu_vm *vm, int descriptor)
{
	struct gmem_file *file;

	gmm_lock(&vm->files_lock, &gmm_files_class);
	for (file = vm->files; file && file->descriptor != descriptor; file = file->next)
		;
	if (file)
		file->users++;
	gmm_unlock(&vm->files_lock);
	return file;
}

static void put(struct mmu_vm *vm, struct gmem_file *file)
{
	gmm_lock(&vm->files_lock, &gmm_files_class);
	file->users--;
	gmm_unlock(&vm->files_lock);
}

int gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags)
{
	struct gmem_file *file;

	if (flags || (int64_t)bytes <= 0 || is_unaligned(bytes))
		return -EINVAL;
	file = host_alloc(sizeof(*file), 0, HOST_ALLOC_ZERO);
	if (!file)
		return -ENOMEM;
	file->npages = bytes >> MMU_PAGE_SHIFT;
	gmm_lock(&vm->files_lock, &gmm_files_class);
	file->descriptor = vm->next_descriptor++;
	file->id = ++vm->next_file_id;
	file->next = vm->files;
	vm->files = file;
	gmm_unlock(&vm->files_lock);
	return file->descriptor;
}

uint64_t gmem_id(struct mmu_vm *vm, int descriptor)
{
	struct gmem_file *file = get(vm, descriptor);
	uint64_t id = file ? file->id : 0;

	if (file)
		put(vm, file);
	return id;
}

/* ----------------------------------------------------------------------------------------------------------- pages */

static int get_page_locked(struct gmem_file *file, uint64_t index, mmu_pfn_t *pfn)
{
	uint64_t word = gmm_radix_load(&file->pages, index);
	int error;

	if (word) {
		*pfn = word - 1;
		return __atomic_load_n(&host_page(*pfn)->flags, __ATOMIC_RELAXED) & HOST_PAGE_POISONED ? -EHWPOISON : 0;
	}
	error = gmm_radix_reserve(&file->pages, index, index + 1);
	if (error)
		return error;
	*pfn = host_pages_alloc(0, HOST_PAGE_GMEM, HOST_ALLOC_ZERO);
	if (*pfn == MMU_NO_PFN)
		return -ENOMEM;
	host_page_describe(*pfn, file->id, index);
	gmm_radix_store(&file->pages, index, *pfn + 1);
	return 0;
}

int gmem_get_page(struct gmm_slot *slot, gfn_t gfn, mmu_pfn_t *pfn)
{
	struct gmem_file *file = sync_load_acquire(&slot->file);
	int error;

	if (!file)
		return -EFAULT;
	gmm_lock(&file->lock, &gmm_file_class);
	error = file->closed ? -EFAULT : get_page_locked(file, slot->file_page + gfn - slot->base, pfn);
	gmm_unlock(&file->lock);
	return error;
}

/* Nothing leads there any more. */
static void free_pages(struct mmu_vm *vm, struct gmem_file *file, uint64_t first, uint64_t end)
{
	uint64_t index = first;

	if (gmm_radix_next(&file->pages, first, end) < end)
		gmm_file_frees(vm);

	while ((index = gmm_radix_next(&file->pages, index, end)) < end) {
		mmu_pfn_t pfn = gmm_radix_load(&file->pages, index) - 1;

		GMM_BUG_ON(vm, gmm_cache_is_dirty(vm, pfn));
		gmm_radix_store(&file->pages, index, 0);
		host_page_set_flags(pfn, 1, HOST_PAGE_REVOKED, HOST_PAGE_POISONED);
		host_pages_free(pfn, 0);
	}
}

/* -------------------------------------------------------------------------------------------------- invalidation */

/* One begin for the file if any slot has some of the offsets; the same slots are found at the end, under one lock. */
static bool begin(struct mmu_vm *vm, struct gmem_file *file, uint64_t first, uint64_t end)
{
	bool found = false, flush = false;

	for (struct gmm_slot *slot = file->bound; slot; slot = slot->next_bound) {
		uint64_t low = first > slot->file_page ? first : slot->file_page;
		uint64_t high = end < slot->file_page + slot->npages ? end : slot->file_page + slot->npages;
		const struct gmm_range range = {
			.as_id = slot->as_id,
			.start = slot->base + low - slot->file_page,
			.end = slot->base + high - slot->file_page,
			.filter = GMM_PRIVATE,
			.may_yield = true,
		};

		if (low >= high)
			continue;
		if (!found) {
			gmm_mmu_lock(vm, PT_EXCLUSIVE);
			gmm_invalidate_begin(vm);
		}
		found = true;
		gmm_invalidate_add(vm, range.start, range.end);
		flush = gmm_zap_range(vm, &range, flush);
	}
	if (flush)
		gmm_flush(vm);
	if (found)
		gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	return found;
}

static void end_it(struct mmu_vm *vm)
{
	gmm_mmu_lock(vm, PT_EXCLUSIVE);
	gmm_invalidate_end(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
}

static void punch_locked(struct mmu_vm *vm, struct gmem_file *file, uint64_t first, uint64_t end)
{
	bool found = begin(vm, file, first, end);

	free_pages(vm, file, first, end);
	if (planted(M_27) ? file->bound != NULL : found)
		end_it(vm);
}

/* ------------------------------------------------------------------------------------------------------- operations */

static int allocate_locked(struct gmem_file *file, uint64_t first, uint64_t end)
{
	mmu_pfn_t pfn;
	int error = 0;

	for (uint64_t index = first; index < end && !error; index++)
		error = get_page_locked(file, index, &pfn);
	return error == -EHWPOISON ? 0 : error;
}

static int fallocate_file(struct mmu_vm *vm, struct gmem_file *file, unsigned int mode, uint64_t offset, uint64_t bytes)
{
	uint64_t first = offset >> MMU_PAGE_SHIFT, end = (offset + bytes) >> MMU_PAGE_SHIFT;
	bool punches = mode & MMU_FALLOCATE_PUNCH_HOLE;
	int error = 0;

	if ((int64_t)offset < 0 || (int64_t)bytes <= 0)
		return -EINVAL;
	if ((int64_t)(offset + bytes) < 0)
		return -EFBIG;
	if (!(mode & MMU_FALLOCATE_KEEP_SIZE) || (mode & ~(MMU_FALLOCATE_KEEP_SIZE | MMU_FALLOCATE_PUNCH_HOLE)))
		return -EOPNOTSUPP;
	if (is_unaligned(offset | bytes) || (!punches && end > file->npages))
		return -EINVAL;
	gmm_lock(&file->lock, &gmm_file_class);
	if (punches)
		punch_locked(vm, file, first, end);
	else
		error = allocate_locked(file, first, end);
	gmm_unlock(&file->lock);
	return error;
}

int gmem_fallocate(struct mmu_vm *vm, int descriptor, unsigned int mode, uint64_t offset, uint64_t bytes)
{
	struct gmem_file *file = get(vm, descriptor);
	int error;

	if (!file && descriptor == MMU_GMEM_OTHER_FILE)
		return (int64_t)offset < 0 || (int64_t)bytes <= 0 ? -EINVAL : -ENODEV;
	if (!file)
		return -EBADF;
	error = fallocate_file(vm, file, mode, offset, bytes);
	put(vm, file);
	return error;
}

/* The page stays where it is, so that whoever asks for it is told. */
static int fail_page_locked(struct mmu_vm *vm, struct gmem_file *file, uint64_t index)
{
	uint64_t word = gmm_radix_load(&file->pages, index);
	bool found;

	if (!word)
		return -ENOENT;
	found = begin(vm, file, index, index + 1);
	host_page_set_flags(word - 1, 1, HOST_PAGE_REVOKED | HOST_PAGE_POISONED, 0);
	if (found)
		end_it(vm);
	return 0;
}

int gmem_error(struct mmu_vm *vm, int descriptor, uint64_t offset)
{
	struct gmem_file *file = get(vm, descriptor);
	int error;

	if (!file)
		return -EBADF;
	gmm_lock(&file->lock, &gmm_file_class);
	error = fail_page_locked(vm, file, offset >> MMU_PAGE_SHIFT);
	gmm_unlock(&file->lock);
	put(vm, file);
	return error;
}

/* Slots stay, without memory. */
static void release(struct mmu_vm *vm, struct gmem_file *file)
{
	struct gmm_slot *slot;

	gmm_lock(&vm->slots_lock, &gmm_slots_class);
	gmm_lock(&file->lock, &gmm_file_class);
	file->closed = true;
	punch_locked(vm, file, 0, file->npages);
	while ((slot = file->bound)) {
		file->bound = slot->next_bound;
		if (!planted(M_28))
			sync_store_release(&slot->file, NULL);
	}
	gmm_unlock(&file->lock);
	gmm_unlock(&vm->slots_lock);
	host_srcu_synchronize(vm->srcu);
	gmm_radix_destroy(&file->pages);
	host_free(file);
}

/* The caller closes it once, and no operation uses it meanwhile. */
void gmem_close(struct mmu_vm *vm, int descriptor)
{
	struct gmem_file **link, *file;

	gmm_lock(&vm->files_lock, &gmm_files_class);
	for (link = &vm->files; (file = *link) && file->descriptor != descriptor; link = &file->next)
		;
	CORE_ASSERT(file && !file->users);
	*link = file->next;
	gmm_unlock(&vm->files_lock);
	release(vm, file);
}

void gmem_close_all(struct mmu_vm *vm)
{
	while (vm->files)
		gmem_close(vm, vm->files->descriptor);
}

/* -------------------------------------------------------------------------------------------------------- bindings */

static bool is_bound(const struct gmem_file *file, uint64_t first, uint64_t end)
{
	for (struct gmm_slot *slot = file->bound; slot; slot = slot->next_bound) {
		if (first < slot->file_page + slot->npages && slot->file_page < end)
			return true;
	}
	return false;
}

static int bind_locked(struct gmem_file *file, struct gmm_slot *slot, uint64_t first)
{
	uint64_t end = first + slot->npages;

	if (end < first || end > file->npages)
		return -EINVAL;
	if (is_bound(file, first, end))
		return -EEXIST;
	slot->file_page = first;
	slot->next_bound = file->bound;
	file->bound = slot;
	sync_store_release(&slot->file, file);
	return 0;
}

int gmem_bind(struct mmu_vm *vm, struct gmm_slot *slot, int descriptor, uint64_t offset)
{
	struct gmem_file *file = get(vm, descriptor);
	int error;

	if (!file)
		return descriptor == MMU_GMEM_OTHER_FILE ? -EINVAL : -EBADF;
	gmm_lock(&file->lock, &gmm_file_class);
	error = bind_locked(file, slot, offset >> MMU_PAGE_SHIFT);
	gmm_unlock(&file->lock);
	put(vm, file);
	return error;
}

void gmem_unbind(struct gmm_slot *slot)
{
	struct gmem_file *file = slot->file;
	struct gmm_slot **link;

	if (!file)
		return;
	gmm_lock(&file->lock, &gmm_file_class);
	for (link = &file->bound; *link != slot; link = &(*link)->next_bound)
		CORE_ASSERT(*link);
	*link = slot->next_bound;
	gmm_unlock(&file->lock);
	sync_store_release(&slot->file, NULL);
}
