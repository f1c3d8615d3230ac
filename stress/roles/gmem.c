// SPDX-License-Identifier: GPL-2.0-only
/*
 * gmem.c - punches holes in guest_memfd files, allocates, and now and then closes a file and makes it anew.
 *
 * Closing leaves its slots bound to nothing: private faults there fail until the slots have been made again.
 */
#include "stress/driver.h"

static void bind_again(struct stress *stress, enum layout_file_id file)
{
	for (unsigned int i = 0; i < nr_layout_slots; i++) {
		const struct layout_slot *slot = &layout_slots[i];
		struct mmu_slot_request request;

		if (slot->file != file)
			continue;
		world_slot_delete(stress->world, slot->as_id, slot->id);
		layout_request(stress->world, &stress->files, slot, &request);
		world_slot_set(stress->world, &request);
	}
}

/* Takes the descriptor away first, so that one thread closes it. */
static void replace_file(struct stress *stress, enum layout_file_id file)
{
	int descriptor = __atomic_exchange_n(&stress->files.descriptor[file], -1, __ATOMIC_RELAXED);

	if (descriptor < 0)
		return;
	world_gmem_close(stress->world, descriptor);
	worker_linger(200);
	descriptor = world_gmem_create(stress->world, layout_file_npages[file] << MMU_PAGE_SHIFT);
	if (descriptor < 0)
		return;
	__atomic_store_n(&stress->files.descriptor[file], descriptor, __ATOMIC_RELAXED);
	bind_again(stress, file);
}

void role_gmem(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;
	enum layout_file_id file = (enum layout_file_id)pick(FILES_COUNT);
	struct layout_range range = layout_pick_range(layout_file_npages[file], 2048);
	uint64_t offset = range.first << MMU_PAGE_SHIFT;
	uint64_t bytes = range.npages << MMU_PAGE_SHIFT;
	int descriptor = __atomic_load_n(&stress->files.descriptor[file], __ATOMIC_RELAXED);

	if (one_in(128)) {
		replace_file(stress, file);
		worker_count_zap(worker);
	} else if (descriptor < 0) {
		return; /* another thread is replacing it */
	} else if (one_in(4)) {
		world_gmem_allocate(stress->world, descriptor, offset, bytes);
	} else if (!world_gmem_punch(stress->world, descriptor, offset + (one_in(32) ? 8 : 0), bytes)) {
		worker_count_zap(worker);
	}
}
