// SPDX-License-Identifier: GPL-2.0-only
/*
 * primary_mmu.c - an mm's life, its areas, its notifiers, and which hva ranges are being changed.
 *
 * Locking: see primary_mmu.h.  Notifiers are walked in SRCU read sections, as the kernel does (mm/mmu_notifier.c), so
 * one that unregisters waits until no handler of it runs.
 */
#include <errno.h>

#include "primary_mmu.h"

static const struct host_lock_class ptl_class = { .name = "host ptl", .sleeps = false };

void ptl_acquire(struct host_mm *mm)
{
	host_lock_acquire(&mm->ptl, HOST_LOCK_EXCLUSIVE, &mm->ptl, &ptl_class);
}

void ptl_release(struct host_mm *mm)
{
	host_lock_release(&mm->ptl, HOST_LOCK_EXCLUSIVE, &mm->ptl);
}

/* ------------------------------------------------------------------------------------------------------------- life */

struct host_mm *host_mm_create(void)
{
	static uint64_t last_id;
	struct host_mm *mm = host_memory_alloc(sizeof(*mm));

	mm->srcu = srcu_new();
	mm->top = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	if (mm->top == MMU_NO_PFN) {
		host_srcu_destroy(mm->srcu);
		host_memory_free(mm);
		return NULL;
	}
	mm->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	return mm;
}

static void mm_free(struct host_mm *mm)
{
	host_pages_free(mm->top, 0);
	host_srcu_destroy(mm->srcu);
	host_memory_free(mm);
}

static void release_once(struct notifier *notifier)
{
	if (__atomic_exchange_n(&notifier->released, 1, __ATOMIC_ACQ_REL))
		return;
	if (notifier->handlers->release)
		notifier->handlers->release(notifier->handlers->context);
}

static void release_all(struct host_mm *mm)
{
	int index = host_srcu_read_lock(mm->srcu);

	for (struct notifier *notifier = __atomic_load_n(&mm->notifiers, __ATOMIC_ACQUIRE); notifier;
	     notifier = __atomic_load_n(&notifier->next, __ATOMIC_ACQUIRE))
		release_once(notifier);
	host_srcu_read_unlock(mm->srcu, index);
}

/* As a process ends: notifiers first, then nobody hears of its pages any more (exit_mmap). */
void host_mm_destroy(struct host_mm *mm)
{
	bool last;

	release_all(mm);
	while (mm->areas)
		HOST_ASSERT(!host_mm_area_remove(mm, mm->areas->range.start));
	HOST_ASSERT(!mm->windows && !mm->changes);
	table_free_tree(mm);
	ptl_acquire(mm);
	mm->dead = true;
	last = !mm->notifiers;
	ptl_release(mm);
	if (last)
		mm_free(mm);
}

void *host_mm_pgd(const struct host_mm *mm)
{
	return host_pfn_to_va(mm->top);
}

uint64_t host_mm_id(const struct host_mm *mm)
{
	return mm->id;
}

/* ------------------------------------------------------------------------------------------------------------ areas */

static hva_t area_end(const struct area *area)
{
	return area->range.start + (area->range.npages << MMU_PAGE_SHIFT);
}

struct area *area_find_locked(struct host_mm *mm, hva_t hva)
{
	for (struct area *area = mm->areas; area; area = area->next) {
		if (hva >= area->range.start && hva < area_end(area))
			return area;
	}
	return NULL;
}

static bool area_is_legal(const struct host_mm_area *area)
{
	return !(area->start & (MMU_PAGE_SIZE - 1)) && area->start >= HOST_HVA_BASE && area->npages &&
	       area->npages <= HOST_HVA_BYTES >> MMU_PAGE_SHIFT &&
	       area->start + (area->npages << MMU_PAGE_SHIFT) <= HOST_HVA_BASE + HOST_HVA_BYTES &&
	       area->level_max >= MMU_LEVEL_4K && area->level_max <= MMU_LEVEL_1G;
}

int host_mm_area_add(struct host_mm *mm, const struct host_mm_area *range)
{
	struct area *new, *other;

	if (!area_is_legal(range))
		return -EINVAL;
	new = host_memory_alloc(sizeof(*new));
	new->range = *range;
	ptl_acquire(mm);
	for (other = mm->areas; other; other = other->next) {
		if (range->start < area_end(other) && other->range.start < area_end(new))
			break;
	}
	if (!other) {
		new->next = mm->areas;
		mm->areas = new;
	}
	ptl_release(mm);
	if (!other)
		return 0;
	host_memory_free(new);
	return -EEXIST;
}

/* The area goes first, so that no fault brings back what the unmap has taken. */
int host_mm_area_remove(struct host_mm *mm, hva_t start)
{
	struct area **link, *area;

	ptl_acquire(mm);
	for (link = &mm->areas; (area = *link) && area->range.start != start; link = &area->next)
		;
	if (area)
		*link = area->next;
	ptl_release(mm);
	if (!area)
		return -ENOENT;
	host_mm_unmap(mm, start, area->range.npages);
	host_memory_free(area);
	return 0;
}

/* ---------------------------------------------------------------------------------------------------------- changes */

static struct change *overlapping_locked(const struct host_mm *mm, hva_t start, hva_t end)
{
	struct change *change = mm->changes;

	while (change && (change->end <= start || change->start >= end))
		change = change->next;
	return change;
}

/* Part of [start, end) is being changed and part is not: a new mapping may not reach across. */
bool change_cuts_locked(const struct host_mm *mm, hva_t start, hva_t end)
{
	for (const struct change *change = mm->changes; change; change = change->next) {
		bool overlaps = change->end > start && change->start < end;
		bool covers = change->start <= start && change->end >= end;

		if (overlaps && !covers)
			return true;
	}
	return false;
}

static void round_out_locked(const struct host_mm *mm, hva_t *start, hva_t *end)
{
	struct leaf first = table_walk(mm, *start), last = table_walk(mm, *end - 1);

	if (leaf_present(&first) && first.hva < *start)
		*start = first.hva;
	if (leaf_present(&last) && hva_after(last.hva, last.level) > *end)
		*end = hva_after(last.hva, last.level);
}

void change_begin(struct host_mm *mm, struct change *change, hva_t start, hva_t end)
{
	*change = (struct change){ .blockable = true };
	for (;;) {
		uint32_t key = host_event_key(&mm->changes);
		bool busy;

		change->start = start;
		change->end = end;
		ptl_acquire(mm);
		round_out_locked(mm, &change->start, &change->end);
		busy = overlapping_locked(mm, change->start, change->end);
		if (!busy) {
			change->next = mm->changes;
			mm->changes = change;
		}
		ptl_release(mm);
		if (!busy)
			return;
		host_event_wait(&mm->changes, key, 0);
	}
}

static void unlink_change(struct host_mm *mm, struct change **link, const struct change *change)
{
	ptl_acquire(mm);
	while (*link != change)
		link = &(*link)->next;
	*link = change->next;
	ptl_release(mm);
}

void change_end(struct host_mm *mm, struct change *change)
{
	unlink_change(mm, &mm->changes, change);
	host_event_wake(&mm->changes);
}

/* -------------------------------------------------------------------------------------------------------- notifiers */

/* Heard by: those that were registered when the change began, and have not been released. */
static bool hears(struct notifier *notifier, const struct change *change)
{
	return notifier->seq <= change->seq && !__atomic_load_n(&notifier->released, __ATOMIC_ACQUIRE);
}

#define for_each_notifier(notifier, mm)                                                                 \
	for (struct notifier *notifier = __atomic_load_n(&(mm)->notifiers, __ATOMIC_ACQUIRE); notifier; \
	     notifier = __atomic_load_n(&notifier->next, __ATOMIC_ACQUIRE))

void notify_start(struct host_mm *mm, struct change *change)
{
	int index;

	__atomic_add_fetch(&mm->begun, 1, __ATOMIC_RELAXED);
	index = host_srcu_read_lock(mm->srcu);
	change->seq = __atomic_load_n(&mm->seq, __ATOMIC_ACQUIRE);
	for_each_notifier(notifier, mm)
	{
		const struct host_mm_notifier *handlers = notifier->handlers;

		if (hears(notifier, change) && handlers->invalidate_start)
			handlers->invalidate_start(handlers->context, change->start, change->end, change->blockable);
	}
	host_srcu_read_unlock(mm->srcu, index);
}

void notify_end(struct host_mm *mm, struct change *change)
{
	int index = host_srcu_read_lock(mm->srcu);

	for_each_notifier(notifier, mm)
	{
		const struct host_mm_notifier *handlers = notifier->handlers;

		if (hears(notifier, change) && handlers->invalidate_end)
			handlers->invalidate_end(handlers->context, change->start, change->end, change->blockable);
	}
	host_srcu_read_unlock(mm->srcu, index);
	__atomic_add_fetch(&mm->ended, 1, __ATOMIC_RELAXED);
}

uint64_t host_mm_invalidations(const struct host_mm *mm, unsigned int *open)
{
	uint64_t ended =
		relaxed_load(&mm->ended); /* first, or what begins and ends meanwhile would count as negative */
	uint64_t begun = relaxed_load(&mm->begun);

	if (open)
		*open = (unsigned int)(begun - ended);
	return begun;
}

bool notify_young(struct host_mm *mm, hva_t start, hva_t end, int how)
{
	struct change now = { .seq = UINT64_MAX };
	int index = host_srcu_read_lock(mm->srcu);
	bool young = false;

	for_each_notifier(notifier, mm)
	{
		const struct host_mm_notifier *handlers = notifier->handlers;

		if (!hears(notifier, &now))
			continue;
		if (how == 0 && handlers->clear_flush_young)
			young |= handlers->clear_flush_young(handlers->context, start, end);
		if (how == 1 && handlers->clear_young)
			young |= handlers->clear_young(handlers->context, start, end);
		for (hva_t at = start; how == 2 && handlers->test_young && !young && at < end; at += MMU_PAGE_SIZE)
			young = handlers->test_young(handlers->context, at);
	}
	host_srcu_read_unlock(mm->srcu, index);
	return young;
}

int host_mm_notifier_register(struct host_mm *mm, const struct host_mm_notifier *handlers)
{
	struct notifier *notifier = host_memory_alloc(sizeof(*notifier));

	notifier->handlers = handlers;
	ptl_acquire(mm);
	notifier->seq = mm->seq + 1;
	notifier->next = mm->notifiers;
	__atomic_store_n(&mm->notifiers, notifier, __ATOMIC_RELEASE);
	__atomic_store_n(&mm->seq, notifier->seq, __ATOMIC_RELEASE);
	ptl_release(mm);
	return 0;
}

static struct notifier *notifier_find_locked(struct host_mm *mm, const struct host_mm_notifier *handlers,
					     struct notifier ***link)
{
	for (*link = &mm->notifiers; **link && (**link)->handlers != handlers; *link = &(**link)->next)
		;
	return **link;
}

/* release() runs while the notifier is still registered: invalidations may come at the same time, as in the kernel. */
void host_mm_notifier_unregister(struct host_mm *mm, const struct host_mm_notifier *handlers)
{
	struct notifier *notifier, **link;
	bool last;
	int index;

	ptl_acquire(mm);
	notifier = notifier_find_locked(mm, handlers, &link);
	ptl_release(mm);
	HOST_ASSERT(notifier);
	index = host_srcu_read_lock(mm->srcu);
	if (!__atomic_load_n(&notifier->released, __ATOMIC_ACQUIRE) && handlers->release)
		handlers->release(handlers->context);
	host_srcu_read_unlock(mm->srcu, index);
	ptl_acquire(mm);
	notifier_find_locked(mm, handlers, &link);
	__atomic_store_n(link, notifier->next, __ATOMIC_RELEASE);
	last = mm->dead && !mm->notifiers;
	ptl_release(mm);
	host_srcu_synchronize(mm->srcu);
	host_memory_free(notifier);
	if (last)
		mm_free(mm);
}

/* ---------------------------------------------------------------------------------------------------------- windows */

void host_mm_window_open(struct host_mm *mm, hva_t hva, uint64_t npages)
{
	struct change *window = host_memory_alloc(sizeof(*window));

	HOST_ASSERT(npages);
	window->start = hva;
	window->end = hva + (npages << MMU_PAGE_SHIFT);
	window->blockable = true;
	notify_start(mm, window);
	ptl_acquire(mm);
	window->next = mm->windows;
	mm->windows = window;
	ptl_release(mm);
}

void host_mm_window_close(struct host_mm *mm, hva_t hva, uint64_t npages)
{
	struct change **link, *window;

	ptl_acquire(mm);
	for (link = &mm->windows; (window = *link); link = &window->next) {
		if (window->start == hva && window->end == hva + (npages << MMU_PAGE_SHIFT))
			break;
	}
	HOST_ASSERT(window);
	*link = window->next;
	ptl_release(mm);
	notify_end(mm, window);
	host_memory_free(window);
}
