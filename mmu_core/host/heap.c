// SPDX-License-Identifier: GPL-2.0-only
/*
 * heap.c - the core's small objects: the backend's memory with a header, a guard behind, and a quarantine.
 *
 * With ASan, the backend keeps freed objects apart and ASan watches their edges.  Without it a freed object is filled
 * with poison and waits in a ring of the CPU that freed it; when its turn comes the poison has to be intact.
 * Ownership: one ring a CPU, no lock.  Any CPU may free what another has allocated.
 */
#include <string.h>

#include "internal.h"

#define MAGIC_LIVE 0x4c495645u
#define MAGIC_FREED 0x46524545u
#define GUARD 0x5a5a5a5a5a5a5a5aULL
#define POISON_BYTE 0x6b /* as the kernel's slab poison, so that an address made of it is known on sight */

#define RING_OBJECTS 4096u
#define RING_BYTES (1024u * 1024u)

struct header {
	uint64_t bytes;
	uint32_t magic;
	uint32_t front; /* from the start of the block to the object */
	void *allocated_by, *freed_by;
};

struct cpu_heap {
	int64_t live;
	struct header *ring[RING_OBJECTS];
	unsigned int first, count;
	uint64_t bytes;
} __attribute__((aligned(64)));

static struct cpu_heap heaps[HOST_CPUS_MAX];

static struct header *header_of(const void *pointer)
{
	return (struct header *)pointer - 1;
}

static void *object_of(struct header *header)
{
	return header + 1;
}

static void count_live(int64_t change)
{
	int64_t *live = &heaps[host_cpu_self()].live;

	relaxed_store(live, *live + change);
}

void *host_alloc(size_t bytes, size_t align, unsigned int flags)
{
	size_t front = align > sizeof(struct header) ? align : sizeof(struct header);
	uint64_t guard = GUARD;
	struct header *header;
	void *block;

	HOST_ASSERT(!(align & (align - 1)));
	host_point(HOST_POINT_ALLOC, NULL);
	if (!(flags & (HOST_ALLOC_ATOMIC | HOST_ALLOC_NOFAIL)))
		host_may_sleep("host_alloc");
	if (!(flags & HOST_ALLOC_NOFAIL) && inject_alloc_failure())
		return NULL;
	if (__builtin_add_overflow(bytes, front + sizeof(guard), &(size_t){ 0 }))
		return NULL;
	block = memory_get(align > 16 ? align : 16, front + bytes + sizeof(guard));
	if (!block)
		return NULL;
	header = header_of((char *)block + front);
	*header = (struct header){
		.bytes = bytes,
		.magic = MAGIC_LIVE,
		.front = (uint32_t)front,
		.allocated_by = __builtin_return_address(0),
	};
	if (flags & HOST_ALLOC_ZERO)
		memset(object_of(header), 0, bytes);
	memcpy((char *)object_of(header) + bytes, &guard, sizeof(guard));
	count_live(1);
	memory_changes_owner(object_of(header), bytes);
	return object_of(header);
}

static void release(struct header *header)
{
	memory_put((char *)object_of(header) - header->front);
}

#ifdef HOST_ASAN

static void quarantine(struct header *header)
{
	release(header);
}

void heap_cpu_offline(void)
{
}

#else

/* Each byte is as the one before it: the library compares faster than a loop of ours, and this is for every object. */
static bool is_poison(const unsigned char *bytes, uint64_t count)
{
	return !count || (bytes[0] == POISON_BYTE && !memcmp(bytes, bytes + 1, count - 1));
}

static void check_poison(struct header *header)
{
	const unsigned char *bytes = object_of(header);

	if (likely(is_poison(bytes, header->bytes)))
		return;
	for (uint64_t i = 0; i < header->bytes; i++) {
		if (bytes[i] == POISON_BYTE)
			continue;
		host_report(
			HOST_REPORT_MEMORY, NULL, 0,
			"object %p of %llu bytes was written after it was freed: %#x at offset %llu (allocated at %p, "
			"freed at %p)",
			object_of(header), (unsigned long long)header->bytes, bytes[i], (unsigned long long)i,
			header->allocated_by, header->freed_by);
		return;
	}
}

static void evict_oldest(struct cpu_heap *heap)
{
	struct header *header = heap->ring[heap->first];

	heap->first = (heap->first + 1) % RING_OBJECTS;
	heap->count--;
	heap->bytes -= header->bytes;
	check_poison(header);
	release(header);
}

static void quarantine(struct header *header)
{
	struct cpu_heap *heap = &heaps[host_cpu_self()];

	memset(object_of(header), POISON_BYTE, header->bytes);
	heap->ring[(heap->first + heap->count) % RING_OBJECTS] = header;
	heap->count++;
	heap->bytes += header->bytes;
	while (heap->count == RING_OBJECTS || heap->bytes > RING_BYTES)
		evict_oldest(heap);
}

void heap_cpu_offline(void)
{
	struct cpu_heap *heap = &heaps[host_cpu_self()];

	while (heap->count)
		evict_oldest(heap);
}

#endif

/* False: not one of ours, or not any more. */
static bool check_live(struct header *header, const char *what, void *caller)
{
	uint64_t guard;

	if (unlikely(header->magic != MAGIC_LIVE)) {
		host_report(HOST_REPORT_MEMORY, NULL, 0, "%s of %p at %p: %s", what, object_of(header), caller,
			    header->magic == MAGIC_FREED ? "it was freed already" : "it is not an object of the heap");
		return false;
	}
	memcpy(&guard, (char *)object_of(header) + header->bytes, sizeof(guard));
	if (unlikely(guard != GUARD))
		host_report(HOST_REPORT_MEMORY, NULL, 0,
			    "object %p of %llu bytes was written behind its end (allocated at %p)", object_of(header),
			    (unsigned long long)header->bytes, header->allocated_by);
	return true;
}

void host_free(void *pointer)
{
	void *caller = __builtin_return_address(0);
	struct header *header;

	if (!pointer)
		return;
	header = header_of(pointer);
	host_point(HOST_POINT_FREE, pointer);
	if (!check_live(header, "free", caller))
		return;
	header->magic = MAGIC_FREED;
	header->freed_by = caller;
	count_live(-1);
	memory_changes_owner(pointer, header->bytes);
	quarantine(header);
}

size_t host_alloc_usable(const void *pointer)
{
	return header_of(pointer)->bytes;
}

uint64_t host_alloc_live(void)
{
	int64_t live = 0;

	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++)
		live += relaxed_load(&heaps[i].live);
	return (uint64_t)live;
}

/* ------------------------------------------------------------------------------------------------ the harness's own */

/* Aligned for anything, as malloc() is and for cache lines, too. */
struct own_header {
	uint64_t bytes;
} __attribute__((aligned(64)));

void *host_memory_alloc(size_t bytes)
{
	struct own_header *header = memory_get(_Alignof(struct own_header), sizeof(*header) + bytes);

	HOST_ASSERT(header);
	header->bytes = bytes;
	memset(header + 1, 0, bytes);
	memory_changes_owner(header + 1, bytes);
	return header + 1;
}

void host_memory_free(void *pointer)
{
	struct own_header *header;

	if (!pointer)
		return;
	header = (struct own_header *)pointer - 1;
	memory_changes_owner(pointer, header->bytes);
	memory_put(header);
}

void *host_memory_resize(void *pointer, size_t bytes)
{
	void *new = host_memory_alloc(bytes);
	size_t had;

	if (!pointer)
		return new;
	had = ((struct own_header *)pointer - 1)->bytes;
	memcpy(new, pointer, had < bytes ? had : bytes);
	host_memory_free(pointer);
	return new;
}
