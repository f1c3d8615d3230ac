// SPDX-License-Identifier: GPL-2.0-only
/*
 * notifier.c - the host tells that it takes memory away, or asks whether it is in use.
 *
 * Between start and end the slots do not change: both have to find the same ones, or the counts go out of balance.  So
 * a swap of slot sets waits until nobody is in between, and nobody begins meanwhile.
 *
 * An hva is shared memory; private memory has none (spec.md S2.2).
 * Source: spec.md 3.1, 3.3, S2.2, S2.7, S2.9, O-42.
 */
#include "gmm/mirror.h"
#include "plant.h"
#include "sync.h"

static void window_opens(struct mmu_vm *vm)
{
	gmm_lock(&vm->window_lock, &gmm_window_class);
	vm->windows++;
	gmm_unlock(&vm->window_lock);
}

static void window_closes(struct mmu_vm *vm)
{
	bool last;

	gmm_lock(&vm->window_lock, &gmm_window_class);
	last = --vm->windows == 0;
	gmm_unlock(&vm->window_lock);
	if (last)
		host_event_wake(&vm->windows);
}

void gmm_between_windows(struct mmu_vm *vm, void (*publish)(void *context), void *context)
{
	for (;;) {
		uint32_t key = host_event_key(&vm->windows);
		bool open;

		gmm_lock(&vm->window_lock, &gmm_window_class);
		open = vm->windows > 0 && !planted(M_10);
		if (!open)
			publish(context);
		gmm_unlock(&vm->window_lock);
		if (!open)
			return;
		host_event_wait(&vm->windows, key, 0);
	}
}

/* @act for each slot that has some of the hvas.  mmu_lock is taken when the first is found.  True: one was. */
struct event {
	hva_t start, end;
	bool blockable;
	bool begins; /* an invalidation, that stays open */
	bool young; /* what the event is about: in and out */
	bool (*act)(struct mmu_vm *vm, const struct event *event, const struct gmm_overlap *overlap, bool flush);
};

static bool for_slots(struct mmu_vm *vm, const struct event *event, bool *flush)
{
	bool found = false;
	int index = host_srcu_read_lock(vm->srcu);

	for (unsigned int as_id = 0; as_id < vm->nr_as; as_id++) {
		struct gmm_slot_set *set = gmm_active(vm, as_id);
		struct gmm_overlap overlap;

		gmm_for_each_slot(slot, set)
		{
			if (!gmm_overlaps_hvas(slot, event->start, event->end, &overlap))
				continue;
			if (!found) {
				gmm_mmu_lock(vm, PT_EXCLUSIVE);
				if (event->begins)
					gmm_invalidate_begin(vm);
			}
			found = true;
			if (event->act)
				*flush = event->act(vm, event, &overlap, *flush);
		}
	}
	host_srcu_read_unlock(vm->srcu, index);
	return found;
}

static bool zap(struct mmu_vm *vm, const struct event *event, const struct gmm_overlap *overlap, bool flush)
{
	const struct gmm_range range = {
		.as_id = overlap->slot->as_id,
		.start = overlap->start,
		.end = overlap->end,
		.filter = GMM_SHARED,
		.may_yield = event->blockable,
	};

	/*
	 * Zapping may let go of mmu_lock: of slots that come later in the walk, faults may map what has not been named
	 * yet, and it is zapped all the same.
	 */
	gmm_invalidate_add(vm, overlap->start, overlap->end);
	return gmm_zap_range(vm, &range, flush);
}

static void invalidate_start(void *context, hva_t start, hva_t end, bool blockable)
{
	const struct event event = { .start = start, .end = end, .blockable = blockable, .begins = true, .act = zap };
	struct mmu_vm *vm = context;
	bool flush = false;

	window_opens(vm);
	if (!for_slots(vm, &event, &flush)) {
		if (planted(M_29))
			gmm_reclaimed(vm);
		return;
	}
	if (flush)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	gmm_reclaimed(vm);
}

static void invalidate_end(void *context, hva_t start, hva_t end, bool blockable)
{
	const struct event event = { .start = start, .end = end, .blockable = blockable };
	struct mmu_vm *vm = context;
	bool flush = false;

	if (for_slots(vm, &event, &flush)) {
		gmm_invalidate_end(vm);
		gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	}
	window_closes(vm);
}

/* ------------------------------------------------------------------------------------------------------------ young */

static bool age_slot(struct mmu_vm *vm, const struct gmm_overlap *overlap, bool clear)
{
	bool young = false;

	gmm_for_each_root(root, vm, overlap->slot->as_id, false)
	{
		if (gmm_root_has(root, GMM_SHARED))
			young |= pt_age(&root->tree, overlap->start, overlap->end, gmm_wanted(vm, GMM_SHARED), clear);
	}
	return young;
}

static bool age(struct mmu_vm *vm, const struct event *event, const struct gmm_overlap *overlap, bool young)
{
	return age_slot(vm, overlap, event->young) || young;
}

/* @clear: and they are old from now on.  @flush: so that CPUs notice at once. */
static bool ask_young(struct mmu_vm *vm, hva_t start, hva_t end, bool clear, bool flush)
{
	const struct event event = { .start = start, .end = end, .young = clear, .act = age };
	bool young = false;

	if (!for_slots(vm, &event, &young))
		return false;
	if (young && flush)
		gmm_flush(vm);
	gmm_mmu_unlock(vm, PT_EXCLUSIVE);
	return young;
}

static bool clear_flush_young(void *context, hva_t start, hva_t end)
{
	return ask_young(context, start, end, true, true);
}

static bool clear_young(void *context, hva_t start, hva_t end)
{
	return ask_young(context, start, end, true, false);
}

static bool test_young(void *context, hva_t address)
{
	return ask_young(context, address, address + MMU_PAGE_SIZE, false, false);
}

/* The process is gone, and its memory with it. */
static void release(void *context)
{
	struct mmu_vm *vm = context;

	gmm_zap_everything(vm);
	gmm_reclaimed(vm);
}

int gmm_notifier_register(struct mmu_vm *vm)
{
	int error;

	vm->notifier = (struct host_mm_notifier){
		.invalidate_start = invalidate_start,
		.invalidate_end = invalidate_end,
		.clear_flush_young = clear_flush_young,
		.clear_young = clear_young,
		.test_young = test_young,
		.release = release,
		.context = vm,
	};
	error = host_mm_notifier_register(vm->vm_config.mm, &vm->notifier);
	vm->registered = !error;
	return error;
}

void gmm_notifier_unregister(struct mmu_vm *vm)
{
	if (vm->registered)
		host_mm_notifier_unregister(vm->vm_config.mm, &vm->notifier);
	vm->registered = false;
}
