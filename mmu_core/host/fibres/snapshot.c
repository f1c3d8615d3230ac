// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot.c - all that a run may write, as it was, and back.
 *
 * What is looked after: the variables of the core, the host and the harness (state.lds gathers them), the memory for
 * objects, what is known of pages, the contents of those that are in use, and the stacks of CPUs that sleep.  When a
 * snapshot is taken all of that is write-protected.  The first write to a page of memory traps, is kept as it was, and
 * may be written from then on, for ever: few traps, and a list of those pages that runs change.  To bring a snapshot
 * back is to copy these.
 * What is not: libc's own, the stack of CPU 0, whatever is marked HOST_OUTLIVES_RUNS, and all that callers have.
 *
 * Locking: none; all but CPU 0 sleep.  Nothing here may write to what is protected, so each variable outlives runs.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fibre.h"

#define PAGE MMU_PAGE_SIZE
#define DIRTY_MAX (1u << 20)
#define POOL_BYTES (DIRTY_MAX * PAGE)

/* range.state[page]; higher values: the page's place in dirty[], plus DIRTY */
enum page_state {
	FREE, /* nobody needs what is in it */
	PROTECTED,
	DIRTY,
};

struct range {
	uintptr_t start, end;
	uint32_t *state;
};

enum {
	RANGE_VARIABLES,
	RANGE_OBJECTS,
	RANGE_PAGES,
	RANGE_KNOWN, /* and behind: arena_known[] */
	RANGES = RANGE_KNOWN + 3,
};

struct stack_copy {
	struct fibre_stack stack;
	void *copy, *shadow;
};

struct host_snapshot {
	size_t nr_dirty;
	uint8_t *copies; /* of the pages that were dirty then; the others are as they were when they became so */
	struct stack_copy stack[HOST_CPUS_MAX];
	void *objects_shadow;
};

extern char host_state_start[], host_state_end[]; /* state.lds */

static HOST_OUTLIVES_RUNS struct range ranges[RANGES];
static HOST_OUTLIVES_RUNS uintptr_t *dirty; /* addresses of pages */
static HOST_OUTLIVES_RUNS size_t nr_dirty;
static HOST_OUTLIVES_RUNS uint8_t *originals; /* of dirty[i]: what was in it when it was protected */
static HOST_OUTLIVES_RUNS const struct host_snapshot *base; /* what this life began with */

static void *reserve(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	HOST_ASSERT(memory != MAP_FAILED);
	return memory;
}

/* ------------------------------------------------------------------------------------------------------- protecting */

static void add_range(unsigned int which, uintptr_t start, size_t bytes)
{
	ranges[which] = (struct range){
		.start = start,
		.end = start + bytes,
		.state = reserve(bytes / PAGE * sizeof(uint32_t)),
	};
}

static void begin(void)
{
	dirty = reserve(DIRTY_MAX * sizeof(*dirty));
	originals = reserve(POOL_BYTES);
	add_range(RANGE_VARIABLES, (uintptr_t)host_state_start, (size_t)(host_state_end - host_state_start));
	add_range(RANGE_OBJECTS, memory_base(), MEMORY_BYTES);
	add_range(RANGE_PAGES, HOST_ARENA_BASE, HOST_ARENA_PAGES * PAGE);
	for (unsigned int i = 0; i < 3; i++)
		add_range(RANGE_KNOWN + i, arena_known[i].base, arena_known[i].bytes);
}

static void protect(struct range *range, uintptr_t start, uintptr_t end)
{
	size_t page = (start - range->start) / PAGE, behind = (end - range->start + PAGE - 1) / PAGE;

	while (page < behind) {
		size_t first = page;

		for (; page < behind && range->state[page] == FREE; page++)
			range->state[page] = PROTECTED;
		if (page > first)
			HOST_ASSERT(!mprotect((void *)(range->start + first * PAGE), (page - first) * PAGE, PROT_READ));
		else
			page++;
	}
}

static void protect_block(void *unused, mmu_pfn_t pfn, unsigned int order)
{
	uintptr_t start = (uintptr_t)host_pfn_to_va(pfn);

	(void)unused;
	protect(&ranges[RANGE_PAGES], start, start + (PAGE << order));
}

static void protect_all(void)
{
	protect(&ranges[RANGE_OBJECTS], memory_base(), memory_top());
	arena_for_each_used(protect_block, NULL);
	for (unsigned int i = 0; i < RANGES; i++) {
		if (i != RANGE_OBJECTS && i != RANGE_PAGES && ranges[i].state[0] == FREE)
			protect(&ranges[i], ranges[i].start, ranges[i].end);
	}
}

static void make_dirty(struct range *range, size_t page)
{
	uintptr_t address = range->start + page * PAGE;

	if (nr_dirty == DIRTY_MAX) {
		static const char text[] = "snapshot: runs write to more memory than can be kept\n";

		HOST_ASSERT(write(STDERR_FILENO, text, sizeof(text) - 1) >= 0);
		_exit(3);
	}
	copy_unseen(&originals[nr_dirty * PAGE], (void *)address, PAGE);
	dirty[nr_dirty] = address;
	range->state[page] = DIRTY + (uint32_t)nr_dirty++;
	HOST_ASSERT(!mprotect((void *)address, PAGE, PROT_READ | PROT_WRITE));
}

bool memory_write_fault(uintptr_t address)
{
	for (unsigned int i = 0; i < RANGES; i++) {
		struct range *range = &ranges[i];
		size_t page = (address - range->start) / PAGE;

		if (address < range->start || address >= range->end)
			continue;
		if (range->state[page] != PROTECTED)
			return false;
		make_dirty(range, page);
		return true;
	}
	return false;
}

/* What no write has touched since it was mapped reads as zero, before and after. */
void arena_contents_go(mmu_pfn_t pfn, unsigned int order)
{
	struct range *range = &ranges[RANGE_PAGES];
	unsigned char resident[512];

	if (!dirty)
		return;
	for (mmu_pfn_t at = pfn; at < pfn + (1UL << order); at += sizeof(resident)) {
		HOST_ASSERT(!mincore(host_pfn_to_va(at), sizeof(resident) * PAGE, resident));
		for (size_t i = 0; i < sizeof(resident); i++) {
			if ((resident[i] & 1) && range->state[at + i] == PROTECTED)
				make_dirty(range, at + i);
		}
	}
}

/* ------------------------------------------------------------------------------------------------ taking, restoring */

static void copy_stack(struct stack_copy *copy, const struct host_cpu *cpu)
{
	struct fibre_stack *stack = &copy->stack;

	fibre_stack(cpu->backend.fibre, stack);
	copy->copy = malloc(stack->used_bytes);
	HOST_ASSERT(copy->copy);
	copy_unseen(copy->copy, stack->used, stack->used_bytes);
	copy->shadow = shadow_copy(stack->used, stack->used_bytes);
}

static void restore_stack(const struct stack_copy *copy)
{
	const struct fibre_stack *stack = &copy->stack;

	shadow_clear(stack->lowest, (size_t)(stack->used - stack->lowest));
	shadow_restore(stack->used, stack->used_bytes, copy->shadow);
	copy_unseen(stack->used, copy->copy, stack->used_bytes);
}

struct host_snapshot *host_snapshot_take(void)
{
	struct host_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	HOST_ASSERT(snapshot && !this_cpu->number);
	schedule_settle();
	if (!dirty)
		begin();
	protect_all();
	for_each_cpu_of(cpu, scheduler.asleep) copy_stack(&snapshot->stack[cpu->number], cpu);
	/* From here on nothing is written that is part of it. */
	arena_new_life(true);
	memory_new_life(true, NULL);
	snapshot->objects_shadow = shadow_copy((void *)memory_base(), memory_top() - memory_base());
	snapshot->nr_dirty = nr_dirty;
	snapshot->copies = reserve((nr_dirty + 1) * PAGE);
	for (size_t i = 0; i < nr_dirty; i++)
		copy_unseen(&snapshot->copies[i * PAGE], (void *)dirty[i], PAGE);
	base = snapshot;
	return snapshot;
}

void host_snapshot_restore(const struct host_snapshot *snapshot)
{
	bool same = snapshot == base;

	for (size_t i = 0; i < nr_dirty; i++) {
		const uint8_t *was = i < snapshot->nr_dirty ? snapshot->copies : originals;

		copy_unseen((void *)dirty[i], &was[i * PAGE], PAGE);
		if (dirty[i] - HOST_ARENA_BASE < HOST_ARENA_PAGES * PAGE)
			arena_contents_back((void *)dirty[i]);
	}
	for_each_cpu_of(cpu, scheduler.asleep) restore_stack(&snapshot->stack[cpu->number]);
	base = snapshot;
	arena_new_life(same);
	memory_new_life(same, snapshot->objects_shadow);
}

void host_snapshot_free(struct host_snapshot *snapshot)
{
	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++) {
		free(snapshot->stack[i].copy);
		free(snapshot->stack[i].shadow);
	}
	free(snapshot->objects_shadow);
	munmap(snapshot->copies, (snapshot->nr_dirty + 1) * PAGE);
	if (base == snapshot)
		base = NULL;
	free(snapshot);
}
