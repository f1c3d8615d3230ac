// SPDX-License-Identifier: GPL-2.0-only
/*
 * page.c - pages of the arena as the kernel sees them: struct page, references, folios.
 *
 * The direct map is the arena and vmemmap is the host's per-pfn array, so __va(), virt_to_page() and page_private() are
 * the kernel's own.  The reference count of a data page that backs an hva holds one reference for the host's mapping;
 * get_user_pages() adds others; whoever drops the last one returns the page to the arena.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "shim.h"

static_assert(sizeof(struct page) <= HOST_VMEMMAP_STRIDE);

/* real: the one node */
struct pglist_data contig_page_data;
/* real: a page full of zeroes */
#if HAVE_CONST_ZERO_PAGE
const uint8_t empty_zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);
/* real */
struct page *__zero_page;
#else
unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __aligned(PAGE_SIZE);
#endif

/* First word of struct page in every tree, whatever its type. */
static unsigned long *page_flags(struct page *page)
{
	return (unsigned long *)page;
}

/*
 * A page leaves clean.  Whoever marks it dirty afterwards has found it by an entry that ought to be gone: KVM up to
 * 6.12 does so as it zaps a dirty one, from the pfn alone.
 */
static void return_to_host(struct page *page, unsigned int order)
{
	clear_bit(PG_dirty, page_flags(page));
	host_pages_free(page_to_pfn(page), order);
}

static void check_untouched(struct page *page)
{
	if (test_bit(PG_dirty, page_flags(page)))
		host_report(HOST_REPORT_MEMORY, NULL, 0, "a page was marked dirty after it had gone back: pfn %#lx",
			    page_to_pfn(page));
}

struct page *shim_page_init(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind)
{
	struct page *page = pfn_to_page(pfn);

	check_untouched(page);
	memset(page, 0, sizeof(*page) * min(1UL << order, (unsigned long)SHIM_FOLIO_PAGES));
	atomic_set(&page->_mapcount, -1);
	set_page_count(page, 1);
	if (order && kind != HOST_PAGE_CORE)
		shim_page_make_compound(page, order);
	return page;
}

static struct page *allocate(gfp_t gfp, unsigned int order, enum host_page_kind kind)
{
	mmu_pfn_t pfn;

	if (gfp & __GFP_DIRECT_RECLAIM)
		host_may_sleep("alloc_pages");
	pfn = host_pages_alloc(order, kind, shim_alloc_flags(gfp));
	return pfn == MMU_NO_PFN ? NULL : shim_page_init(pfn, order, kind);
}

#if HAVE_RAW_ALLOC_PAGES_NOPROF
/* real */
struct page *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int node, nodemask_t *mask)
{
	return allocate(gfp, order, HOST_PAGE_CORE);
}
#elif HAVE_ALLOC_NOPROF
/* real */
struct page *alloc_pages_node_noprof(int node, gfp_t gfp, unsigned int order)
{
	return allocate(gfp, order, HOST_PAGE_CORE);
}
#else
/* real */
struct page *__alloc_pages(gfp_t gfp, unsigned int order, int node, nodemask_t *mask)
{
	return allocate(gfp, order, HOST_PAGE_CORE);
}
#endif

static unsigned long allocate_address(gfp_t gfp, unsigned int order)
{
	struct page *page = allocate(gfp, order, HOST_PAGE_CORE);

	return page ? (unsigned long)page_address(page) : 0;
}

#if HAVE_ALLOC_NOPROF
/* real */
unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order)
{
	return allocate_address(gfp, order);
}

/* real */
unsigned long get_zeroed_page_noprof(gfp_t gfp)
{
	return allocate_address(gfp | __GFP_ZERO, 0);
}
#else
/* real */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	return allocate_address(gfp, order);
}

/* real */
unsigned long get_zeroed_page(gfp_t gfp)
{
	return allocate_address(gfp | __GFP_ZERO, 0);
}
#endif

/* real: a page with references left goes when they go */
void __free_pages(struct page *page, unsigned int order)
{
	if (page_ref_dec_and_test(page))
		return_to_host(page, order);
}

/* real */
void free_pages(unsigned long address, unsigned int order)
{
	if (address)
		__free_pages(virt_to_page((void *)address), order);
}

/* real: the last reference of a folio is gone; the page cache has taken it out before */
void __folio_put(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;

	if (mapping && mapping->a_ops && mapping->a_ops->free_folio)
		mapping->a_ops->free_folio(folio);
	return_to_host(&folio->page, host_page(page_to_pfn(&folio->page))->order);
}

/* ------------------------------------------------------------------------------------- data pages of a host process */

static void page_born(mmu_pfn_t pfn, unsigned int order)
{
	shim_page_init(pfn, order, HOST_PAGE_ANON);
}

static void page_dropped(mmu_pfn_t pfn, unsigned int order)
{
	put_page(pfn_to_page(pfn));
}

const struct host_page_lifetime shim_page_lifetime = {
	.born = page_born,
	.drop = page_dropped,
};

/* no-op: statistics nobody reads */
void mod_node_page_state(struct pglist_data *node, enum node_stat_item item, long delta)
{
}

/* no-op: reclaim order of host pages is not modelled */
void mark_page_accessed(struct page *page)
{
}

/* no-op: reclaim order of host pages is not modelled */
void folio_mark_accessed(struct folio *folio)
{
}
