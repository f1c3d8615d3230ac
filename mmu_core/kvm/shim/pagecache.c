// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagecache.c - the page cache of guest_memfd files: one folio of one page an index, in the inode's own xarray.
 *
 * The cache holds one reference.  A folio is locked through its own flag bit; waiters sleep on the folio.  A page that
 * is truncated is marked REVOKED at once: guest_memfd has invalidated the range before it truncates.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "shim.h"

/* real */
void __folio_lock(struct folio *folio)
{
	host_may_sleep("folio_lock");
	for (;;) {
		u32 key = host_event_key(folio);

		if (folio_trylock(folio))
			return;
		host_event_wait(folio, key, 0);
	}
}

/* real */
void folio_unlock(struct folio *folio)
{
	clear_bit(PG_locked, folio_flags(folio, 0));
	host_event_wake(folio);
}

/* real: the file's contents are not written anywhere */
bool noop_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	return !folio_test_set_dirty(folio);
}

/*
 * folio_try_get() of a folio that may have gone back since: lawful, since it takes no reference where there is none.
 * By hand, because a marked access to what is known of a free page counts as one behind its end; others come in between
 * at the mapping, as they would at the folio.
 */
static bool try_get(struct address_space *mapping, struct folio *folio)
{
	int *count = &folio->_refcount.counter, old;

	host_point(HOST_POINT_ATOMIC, &mapping->i_pages);
	old = __atomic_load_n(count, __ATOMIC_RELAXED);
	while (old && !__atomic_compare_exchange_n(count, &old, old + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	return old;
}

static struct folio *find_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio;

	rcu_read_lock();
	do {
		folio = xa_load(&mapping->i_pages, index);
	} while (folio && !try_get(mapping, folio));
	rcu_read_unlock();
	return folio;
}

static struct folio *make_folio(struct address_space *mapping, pgoff_t index, gfp_t gfp)
{
	mmu_pfn_t pfn = host_pages_alloc(0, HOST_PAGE_GMEM, shim_alloc_flags(gfp));
	struct folio *folio;

	if (pfn == MMU_NO_PFN)
		return NULL;
	host_page_describe(pfn, mapping->host->i_ino, index);
	folio = page_folio(shim_page_init(pfn, 0, HOST_PAGE_GMEM));
	folio->index = index;
	folio->mapping = mapping;
	return folio;
}

/* Puts a new folio into the cache; NULL when somebody else was faster, -ENOMEM. */
static struct folio *add_folio(struct address_space *mapping, pgoff_t index, gfp_t gfp)
{
	struct folio *folio = make_folio(mapping, index, gfp);
	void *old;

	if (!folio)
		return ERR_PTR(-ENOMEM);
	folio_get(folio);
	__folio_set_locked(folio);
	old = xa_cmpxchg_irq(&mapping->i_pages, index, NULL, folio, GFP_KERNEL);
	if (!old)
		return folio;
	folio->mapping = NULL;
	folio_unlock(folio);
	folio_put(folio);
	folio_put(folio);
	return xa_is_err(old) ? ERR_PTR(-ENOMEM) : NULL;
}

static struct folio *get_folio(struct address_space *mapping, pgoff_t index, unsigned int flags, gfp_t gfp)
{
	struct folio *folio;

	for (;;) {
		folio = find_folio(mapping, index);
		if (!folio) {
			if (!(flags & (__force unsigned int)FGP_CREAT))
				return ERR_PTR(-ENOENT);
			folio = add_folio(mapping, index, gfp);
			if (!folio)
				continue;
			return folio;
		}
		if (!(flags & (__force unsigned int)FGP_LOCK))
			return folio;
		folio_lock(folio);
		if (folio->mapping == mapping)
			return folio;
		folio_unlock(folio);
		folio_put(folio);
	}
}

#if HAVE_FILEMAP_GET_FOLIO_MPOL
/* real */
struct folio *__filemap_get_folio_mpol(struct address_space *mapping, pgoff_t index, fgf_t flags, gfp_t gfp,
				       struct mempolicy *policy)
{
	return get_folio(mapping, index, (__force unsigned int)flags, gfp);
}
#elif HAVE_FGF_T
/* real */
struct folio *__filemap_get_folio(struct address_space *mapping, pgoff_t index, fgf_t flags, gfp_t gfp)
{
	return get_folio(mapping, index, (__force unsigned int)flags, gfp);
}
#else
/* real */
struct folio *__filemap_get_folio(struct address_space *mapping, pgoff_t index, int flags, gfp_t gfp)
{
	struct folio *folio = get_folio(mapping, index, flags, gfp);

	return IS_ERR(folio) ? NULL : folio;
}
#endif

static void remove_folio(struct address_space *mapping, struct folio *folio)
{
	folio_lock(folio);
	if (folio->mapping == mapping && xa_erase_irq(&mapping->i_pages, folio->index) == folio) {
		host_page_set_flags(folio_pfn(folio), 1, HOST_PAGE_REVOKED, 0);
		if (mapping->a_ops && mapping->a_ops->free_folio)
			mapping->a_ops->free_folio(folio);
		folio->mapping = NULL;
		folio_put(folio);
	}
	folio_unlock(folio);
}

#if HAVE_TRUNCATE_UOFF
/* real: @end is the last byte; -1 the end of the file */
void truncate_inode_pages_range(struct address_space *mapping, loff_t start, uoff_t end)
#else
/* real: @end is the last byte; -1 the end of the file */
void truncate_inode_pages_range(struct address_space *mapping, loff_t start, loff_t end)
#endif
{
	unsigned long last = (loff_t)end == -1 ? ULONG_MAX : end >> PAGE_SHIFT;
	unsigned long index = start >> PAGE_SHIFT;
	struct folio *folio;

	while ((folio = xa_find(&mapping->i_pages, &index, last, XA_PRESENT))) {
		if (try_get(mapping, folio)) {
			remove_folio(mapping, folio);
			folio_put(folio);
		}
		if (index == ULONG_MAX)
			break;
		index++;
	}
}

/*
 * What memory_failure() does to a page of a file: the page is marked, then the file's handler takes it out of all
 * that maps it.  It stays in the cache, so that whoever asks for it is told.
 */
#if HAVE_ERROR_REMOVE_FOLIO
static long fail_folio(struct address_space *mapping, struct folio *folio)
{
	bool mapped;

	folio_lock(folio);
	mapped = folio->mapping == mapping;
	if (mapped) {
		SetPageHWPoison(folio_page(folio, 0));
		mapping->a_ops->error_remove_folio(mapping, folio);
		host_page_set_flags(folio_pfn(folio), 1, HOST_PAGE_REVOKED | HOST_PAGE_POISONED, 0);
	}
	folio_unlock(folio);
	return mapped ? 0 : -ENOENT;
}
#else
static long fail_folio(struct address_space *mapping, struct folio *folio)
{
	return -EOPNOTSUPP;
}
#endif

long shim_memory_failure(int fd, unsigned long index)
{
	struct file *file = fget(fd);
	struct folio *folio = NULL;
	long result = -ENOENT;

	if (!file)
		return -EBADF;
	if (file->f_mapping && file->f_mapping->a_ops)
		folio = find_folio(file->f_mapping, index);
	if (folio) {
		result = fail_folio(file->f_mapping, folio);
		folio_put(folio);
	}
	fput(file);
	shim_files_settle();
	return result;
}

/* no-op: there is no file system whose times change */
int file_modified(struct file *file)
{
	return 0;
}
