// SPDX-License-Identifier: GPL-2.0-only
/*
 * slab.c - kmalloc, vmalloc and caches on the host's heap.  Freed memory is quarantined and poisoned there; allocation
 * may be made to fail, except where the kernel promises that it does not.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "shim.h"

struct kmem_cache {
	const char *name;
	unsigned int size, align;
	void (*constructor)(void *object);
};

unsigned int shim_alloc_flags(gfp_t gfp)
{
	unsigned int flags = 0;

	if (gfp & __GFP_ZERO)
		flags |= HOST_ALLOC_ZERO;
	if (gfp & __GFP_NOFAIL)
		flags |= HOST_ALLOC_NOFAIL;
	if (!(gfp & __GFP_DIRECT_RECLAIM))
		flags |= HOST_ALLOC_ATOMIC;
	return flags;
}

/* Zeroed memory that user space may map (dirty rings): whole pages of the arena, each with a reference of its own. */
static void *allocate_pages(size_t bytes)
{
	unsigned int order = get_order(bytes);
	mmu_pfn_t pfn;

	host_may_sleep("vzalloc");
	pfn = host_pages_alloc(order, HOST_PAGE_CORE, HOST_ALLOC_ZERO);
	if (pfn == MMU_NO_PFN)
		return NULL;
	for (unsigned long i = 0; i < 1UL << order; i++)
		shim_page_init(pfn + i, 0, HOST_PAGE_CORE);
	return host_pfn_to_va(pfn);
}

/* real */
struct page *vmalloc_to_page(const void *address)
{
	return virt_to_page(address);
}

static void *allocate(size_t bytes, gfp_t gfp)
{
	if (gfp & __GFP_DIRECT_RECLAIM)
		host_may_sleep("kmalloc");
	/* What is as large as a page comes page-aligned from the kernel, and may count on its cache line. */
	return host_alloc(bytes, bytes < PAGE_SIZE ? 0 : SMP_CACHE_BYTES, shim_alloc_flags(gfp));
}

#if HAVE_ALLOC_NOPROF
/* no-op: sizes need no caches here; the inline part of kmalloc() picks one and the functions below ignore it */
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];

/* real */
void *__kmalloc_noprof(size_t bytes, gfp_t gfp)
{
	return allocate(bytes, gfp);
}

/* real */
void *__kmalloc_cache_noprof(struct kmem_cache *cache, gfp_t gfp, size_t bytes)
{
	return allocate(bytes, gfp);
}

/* real */
void *__kmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t gfp, int node)
{
	return allocate(size, gfp);
}

#if HAVE_KVMALLOC_ALIGN
/* real */
void *__kvmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), unsigned long align, gfp_t gfp, int node)
{
	return allocate(size, gfp);
}
#else
/* real */
void *__kvmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t gfp, int node)
{
	return allocate(size, gfp);
}
#endif

/* real */
void *__vmalloc_noprof(unsigned long bytes, gfp_t gfp)
{
	return allocate(bytes, gfp);
}

/* real */
void *vzalloc_noprof(unsigned long bytes)
{
	return allocate_pages(bytes);
}

/* real */
void *__vcalloc_noprof(size_t count, size_t bytes, gfp_t gfp)
{
	return allocate(count * bytes, gfp | __GFP_ZERO);
}
#else
/* no-op: sizes need no caches here */
struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];

/* real */
void *__kmalloc(size_t bytes, gfp_t gfp)
{
	return allocate(bytes, gfp);
}

/* real */
void *kmalloc_trace(struct kmem_cache *cache, gfp_t gfp, size_t bytes)
{
	return allocate(bytes, gfp);
}

/* real */
void *kmalloc_large(size_t bytes, gfp_t gfp)
{
	return allocate(bytes, gfp);
}

/* real */
void *__kmalloc_node(size_t bytes, gfp_t gfp, int node)
{
	return allocate(bytes, gfp);
}

/* real */
void *kvmalloc_node(size_t bytes, gfp_t gfp, int node)
{
	return allocate(bytes, gfp);
}

/* real */
void *__vmalloc(unsigned long bytes, gfp_t gfp)
{
	return allocate(bytes, gfp);
}

/* real */
void *vzalloc(unsigned long bytes)
{
	return allocate_pages(bytes);
}

/* real */
void *__vcalloc(size_t count, size_t bytes, gfp_t gfp)
{
	return allocate(count * bytes, gfp | __GFP_ZERO);
}
#endif

/* real */
void kfree(const void *pointer)
{
	if (!ZERO_OR_NULL_PTR(pointer))
		host_free((void *)pointer);
}

/* real */
void kvfree(const void *pointer)
{
	kfree(pointer);
}

/* real */
void vfree(const void *pointer)
{
	struct host_page *page = pointer ? host_page(host_va_to_pfn(pointer)) : NULL;

	if (page)
		host_pages_free(host_va_to_pfn(pointer), page->order);
	else
		kfree(pointer);
}

/* ---------------------------------------------------------------------------------------------------------- caches */

static struct kmem_cache *create_cache(const char *name, unsigned int size, unsigned int align,
				       void (*constructor)(void *))
{
	struct kmem_cache *cache = host_alloc(sizeof(*cache), 0, HOST_ALLOC_ZERO);

	if (cache)
		*cache = (struct kmem_cache){ .name = name, .size = size, .align = align, .constructor = constructor };
	return cache;
}

#if HAVE_KMEM_CACHE_ARGS
/* real */
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size, struct kmem_cache_args *args,
					    slab_flags_t flags)
{
	return create_cache(name, size, args->align, args->ctor);
}
#else
/* real */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align, slab_flags_t flags,
				     void (*constructor)(void *))
{
	return create_cache(name, size, align, constructor);
}

/* real */
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size, unsigned int align,
					      slab_flags_t flags, unsigned int offset, unsigned int bytes,
					      void (*constructor)(void *))
{
	return create_cache(name, size, align, constructor);
}
#endif

/* real */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache)
		host_free(cache);
}

static void *allocate_from(struct kmem_cache *cache, gfp_t gfp)
{
	void *object;

	if (gfp & __GFP_DIRECT_RECLAIM)
		host_may_sleep("kmem_cache_alloc");
	object = host_alloc(cache->size, cache->align, shim_alloc_flags(gfp));
	if (object && cache->constructor)
		cache->constructor(object);
	return object;
}

#if HAVE_ALLOC_NOPROF
/* real */
void *kmem_cache_alloc_noprof(struct kmem_cache *cache, gfp_t gfp)
{
	return allocate_from(cache, gfp);
}

/* real */
void *kmem_cache_alloc_lru_noprof(struct kmem_cache *cache, struct list_lru *lru, gfp_t gfp)
{
	return allocate_from(cache, gfp);
}
#else
/* real */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return allocate_from(cache, gfp);
}

/* real */
void *kmem_cache_alloc_lru(struct kmem_cache *cache, struct list_lru *lru, gfp_t gfp)
{
	return allocate_from(cache, gfp);
}
#endif

/* real */
void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (object)
		host_free(object);
}
