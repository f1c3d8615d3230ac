// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - memory for objects, at the same addresses on every run, and so that a snapshot can bring it back.
 *
 * One region, used from its start upwards.  A block keeps its size and alignment for ever; free ones of a kind wait in
 * a queue, the first to come is the first to go.  ASan sees what is in use and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "asan_notes.h"
#include "fibre.h"

#ifdef HOST_ASAN
#include <sanitizer/asan_interface.h>
#define WAIT_BLOCKS 64u /* of a kind, before one is used again: until then ASan notices */
#else
#define WAIT_BLOCKS 0u /* heap.c lets what the core frees wait */
#endif

#define BASE 0x56a000000000UL
#define GRAIN 16UL
#define FINE_BYTES 1024UL /* sizes below are multiples of GRAIN, above there are four to a doubling */
#define CLASSES 160u
#define ALIGNMENTS 4u

/* In front of what the caller gets, which is aligned. */
struct block {
	uint32_t next; /* of those that wait; in grains from BASE, 0: none */
	uint16_t class;
	uint8_t alignment;
	bool live;
	uint64_t bytes; /* that the caller may use */
};

struct queue {
	uint32_t first, last, length;
};

static const size_t alignments[ALIGNMENTS] = { 16, 64, 4096, 65536 };

static struct queue queues[ALIGNMENTS][CLASSES];
static uintptr_t top = BASE; /* end of what has been used */

static struct block *block_at(uint32_t grains)
{
	return (struct block *)(BASE + grains * GRAIN);
}

static uint32_t grains_of(const struct block *block)
{
	return (uint32_t)(((uintptr_t)block - BASE) / GRAIN);
}

/* ------------------------------------------------------------------------------------------------ what ASan is told */

#ifdef HOST_ASAN
static HOST_OUTLIVES_RUNS struct asan_notes notes;

/* In use or not, as the block's header says. */
NO_ASAN static void tell_asan(struct block *block)
{
	if (block->live)
		ASAN_UNPOISON_MEMORY_REGION(block + 1, block->bytes);
	else
		ASAN_POISON_MEMORY_REGION(block + 1, block->bytes);
}

static void forget(uint32_t grains)
{
	(void)grains;
}

static void tell(uint32_t grains)
{
	if ((uintptr_t)block_at(grains) < top)
		tell_asan(block_at(grains));
}

static void changed(struct block *block)
{
	asan_note(&notes, grains_of(block));
	tell_asan(block);
}

static void carved(uintptr_t start)
{
	ASAN_POISON_MEMORY_REGION((void *)start, top - start);
}

/* Where blocks begin that were carved in another life, nobody knows. */
void memory_new_life(bool same, const void *shadow)
{
	if (!same)
		shadow_restore((void *)BASE, top - BASE, shadow);
	asan_notes_tell(&notes, true, same ? tell : forget);
}
#else
static void changed(struct block *block)
{
	(void)block;
}

static void carved(uintptr_t start)
{
	(void)start;
}

void memory_new_life(bool same, const void *shadow)
{
	(void)same;
	(void)shadow;
}
#endif

/* ----------------------------------------------------------------------------------------------------------- blocks */

int memory_init(void)
{
	void *got = mmap((void *)BASE, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == (void *)BASE)
		return 0;
	fprintf(stderr, "cannot map %lu MiB at %#lx for objects: something else is there\n", MEMORY_BYTES >> 20, BASE);
	return -ENOMEM;
}

uintptr_t memory_base(void)
{
	return BASE;
}

uintptr_t memory_top(void)
{
	return top;
}

/* The smallest class of blocks that are large enough. */
static unsigned int class_of(size_t bytes, size_t *class_bytes)
{
	unsigned int class = FINE_BYTES / GRAIN;
	size_t size = FINE_BYTES, step;

	if (bytes <= FINE_BYTES) {
		class = (unsigned int)((bytes + GRAIN - 1) / GRAIN);
		*class_bytes = class * GRAIN;
		return class;
	}
	while (size * 2 < bytes) {
		size *= 2;
		class += 4;
	}
	for (step = size / 4; size < bytes; size += step)
		class ++;
	*class_bytes = size;
	return class;
}

NO_ASAN static struct block *take_waiting(struct queue *queue)
{
	struct block *block;

	if (queue->length <= WAIT_BLOCKS)
		return NULL;
	block = block_at(queue->first);
	queue->first = block->next;
	queue->length--;
	return block;
}

NO_ASAN static struct block *carve(unsigned int alignment, size_t bytes)
{
	size_t align = alignments[alignment];
	uintptr_t user = (top + sizeof(struct block) + align - 1) & ~(align - 1), start = top;

	if (user + bytes > BASE + MEMORY_BYTES)
		return NULL;
	top = user + bytes;
	carved(start);
	return (struct block *)user - 1;
}

NO_ASAN void *memory_get(size_t align, size_t bytes)
{
	unsigned int alignment = 0, class;
	size_t class_bytes;
	struct block *block;

	while (alignments[alignment] < align)
		HOST_ASSERT(++alignment < ALIGNMENTS);
	if (bytes >= MEMORY_BYTES)
		return NULL;
	class = class_of(bytes, &class_bytes);
	HOST_ASSERT(class < CLASSES);
	block = take_waiting(&queues[alignment][class]);
	if (!block)
		block = carve(alignment, class_bytes);
	if (!block)
		return NULL;
	*block = (struct block){
		.class = (uint16_t)class,
		.alignment = (uint8_t)alignment,
		.live = true,
		.bytes = bytes,
	};
	changed(block);
	return block + 1;
}

NO_ASAN void memory_put(void *memory)
{
	struct block *block = (struct block *)memory - 1;
	struct queue *queue = &queues[block->alignment][block->class];
	uint32_t grains = grains_of(block);

	HOST_ASSERT(block->live);
	block->live = false;
	block->next = 0;
	if (queue->length++)
		block_at(queue->last)->next = grains;
	else
		queue->first = grains;
	queue->last = grains;
	changed(block);
}
