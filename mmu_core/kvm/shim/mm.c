// SPDX-License-Identifier: GPL-2.0-only
/*
 * mm.c - the kernel's view of a host process's memory: struct mm_struct, mmu notifiers, get_user_pages().
 *
 * A host mm's page tables have the hardware's format, so mm->pgd points to them and KVM's own walk
 * (host_pfn_mapping_level) reads the real thing.  An area that faults can fill is all that there is: no vmas, so
 * find_vma() and vma_lookup() find nothing, and KVM takes an unbacked hva for an error.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>

#include "shim.h"

struct shim_mm {
	struct host_mm *host;
	struct shim_mm *next;
	unsigned int users;
	struct mm_struct mm; /* last: its end is flexible */
};

static struct shim_mm *all_mms;
static struct host_lock all_mms_lock;
static const struct host_lock_class all_mms_class = { .name = "mm list of the shim" };

struct mm_struct *shim_mm_get(struct host_mm *host)
{
	struct shim_mm *entry;

	host_lock_acquire(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock, &all_mms_class);
	for (entry = all_mms; entry && entry->host != host; entry = entry->next)
		;
	if (!entry) {
		entry = host_alloc(sizeof(*entry), 64, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
		entry->host = host;
		entry->mm.pgd = host_mm_pgd(host);
		atomic_set(&entry->mm.mm_count, 1);
		atomic_set(&entry->mm.mm_users, 1);
		init_rwsem(&entry->mm.mmap_lock);
		entry->next = all_mms;
		all_mms = entry;
	}
	entry->users++;
	host_lock_release(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock);
	return &entry->mm;
}

void shim_mm_put(struct host_mm *host)
{
	struct shim_mm *entry, **link;

	host_lock_acquire(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock, &all_mms_class);
	for (link = &all_mms; (*link)->host != host; link = &(*link)->next)
		;
	entry = *link;
	if (!--entry->users) {
		*link = entry->next;
	} else {
		entry = NULL;
	}
	host_lock_release(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock);
	if (entry)
		mmdrop(&entry->mm);
}

static struct host_mm *host_mm_of(struct mm_struct *mm)
{
	return container_of(mm, struct shim_mm, mm)->host;
}

struct host_mm *shim_current_host_mm(void)
{
	struct mm_struct *mm = shim_current()->mm;

	return mm ? host_mm_of(mm) : NULL;
}

/* real: the struct goes with its last reference */
void __mmdrop(struct mm_struct *mm)
{
	host_free(container_of(mm, struct shim_mm, mm));
}

/* real */
void mmput(struct mm_struct *mm)
{
	atomic_dec(&mm->mm_users);
}

/* modelled: no vmas */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address)
{
	return NULL;
}

/* modelled: vma_lookup() finds nothing */
void *mtree_load(struct maple_tree *tree, unsigned long index)
{
	return NULL;
}

/* -------------------------------------------------------------------------------------------------------- notifiers */

struct notifier_bridge {
	struct host_mm_notifier host; /* context points to the kernel's notifier */
	struct notifier_bridge *next;
};

static struct notifier_bridge *bridges;

static struct mmu_notifier_range range_of(struct mmu_notifier *notifier, hva_t start, hva_t end, bool blockable)
{
	return (struct mmu_notifier_range){
		.mm = notifier->mm,
		.start = start,
		.end = end,
		.flags = blockable ? MMU_NOTIFIER_RANGE_BLOCKABLE : 0,
		.event = MMU_NOTIFY_UNMAP,
	};
}

static void on_invalidate_start(void *context, hva_t start, hva_t end, bool blockable)
{
	struct mmu_notifier *notifier = context;
	struct mmu_notifier_range range = range_of(notifier, start, end, blockable);

	notifier->ops->invalidate_range_start(notifier, &range);
}

static void on_invalidate_end(void *context, hva_t start, hva_t end, bool blockable)
{
	struct mmu_notifier *notifier = context;
	struct mmu_notifier_range range = range_of(notifier, start, end, blockable);

	notifier->ops->invalidate_range_end(notifier, &range);
}

static bool on_clear_flush_young(void *context, hva_t start, hva_t end)
{
	struct mmu_notifier *notifier = context;

	return notifier->ops->clear_flush_young(notifier, notifier->mm, start, end);
}

static bool on_clear_young(void *context, hva_t start, hva_t end)
{
	struct mmu_notifier *notifier = context;

	return notifier->ops->clear_young(notifier, notifier->mm, start, end);
}

static bool on_test_young(void *context, hva_t address)
{
	struct mmu_notifier *notifier = context;

	return notifier->ops->test_young(notifier, notifier->mm, address);
}

static void on_release(void *context)
{
	struct mmu_notifier *notifier = context;

	notifier->ops->release(notifier, notifier->mm);
}

/* real */
int mmu_notifier_register(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct notifier_bridge *bridge = host_alloc(sizeof(*bridge), 0, HOST_ALLOC_ZERO);
	int error;

	if (!bridge)
		return -ENOMEM;
	notifier->mm = mm;
	bridge->host = (struct host_mm_notifier){
		.invalidate_start = on_invalidate_start,
		.invalidate_end = on_invalidate_end,
		.clear_flush_young = on_clear_flush_young,
		.clear_young = on_clear_young,
		.test_young = on_test_young,
		.release = on_release,
		.context = notifier,
	};
	error = host_mm_notifier_register(host_mm_of(mm), &bridge->host);
	if (error) {
		host_free(bridge);
		return error;
	}
	mmgrab(mm);
	host_lock_acquire(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock, &all_mms_class);
	bridge->next = bridges;
	bridges = bridge;
	host_lock_release(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock);
	return 0;
}

/* real */
void mmu_notifier_unregister(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct notifier_bridge **link, *bridge;

	host_lock_acquire(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock, &all_mms_class);
	for (link = &bridges; (*link)->host.context != notifier; link = &(*link)->next)
		;
	bridge = *link;
	*link = bridge->next;
	host_lock_release(&all_mms_lock, HOST_LOCK_EXCLUSIVE, &all_mms_lock);
	host_mm_notifier_unregister(host_mm_of(mm), &bridge->host);
	host_free(bridge);
	mmdrop(mm);
}

/* ------------------------------------------------------------------------------------------------------------- GUP */

static void take_reference(mmu_pfn_t pfn)
{
	page_ref_inc(compound_head(pfn_to_page(pfn)));
}

/* One page; 1 or -errno.  @may_sleep false: only what is mapped, and writable if asked. */
static long get_page_of(struct mm_struct *mm, unsigned long address, unsigned int flags, bool may_sleep,
			struct page **page)
{
	struct host_mm_mapping mapping;
	int error;

	if (may_sleep)
		host_may_sleep("get_user_pages");
	/* FOLL_NOWAIT only keeps from waiting for a disk: anonymous memory is filled in all the same. */
	error = host_mm_fault(host_mm_of(mm), address & PAGE_MASK, flags & FOLL_WRITE, may_sleep,
			      page ? take_reference : NULL, &mapping);
	if (error == -EHWPOISON && !(flags & FOLL_HWPOISON))
		error = -EFAULT;
	if (error)
		return error;
	if (page)
		*page = pfn_to_page(mapping.pfn);
	return 1;
}

/* real */
int get_user_pages_fast_only(unsigned long start, int count, unsigned int flags, struct page **pages)
{
	for (int i = 0; i < count; i++)
		if (get_page_of(shim_current()->mm, start + i * PAGE_SIZE, flags, false, &pages[i]) != 1)
			return i;
	return count;
}

/* real */
long get_user_pages_unlocked(unsigned long start, unsigned long count, struct page **pages, unsigned int flags)
{
	return get_page_of(shim_current()->mm, start, flags, true, pages);
}

#if HAVE_GUP_VMAS
/* real */
long get_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages,
		    struct vm_area_struct **vmas)
#else
/* real */
long get_user_pages(unsigned long start, unsigned long count, unsigned int flags, struct page **pages)
#endif
{
	return get_page_of(shim_current()->mm, start, flags, true, pages);
}

/* real: only asked about unusual mappings, of which there are none */
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int flags, bool *unlocked)
{
	return -EFAULT;
}

/* modelled: SIGBUS waits for the task, so that KVM_RUN returns; without it KVM would fault for ever */
int send_sig_mceerr(int code, void __user *address, short lsb, struct task_struct *task)
{
	shim_task_set_signal(task, true);
	return 0;
}
