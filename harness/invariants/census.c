// SPDX-License-Identifier: GPL-2.0-only
/*
 * census.c - what a VM's life took from the host, it has given back (I-L6).
 *
 * Counted while no world exists and again when the last one is gone: objects of the heap, and arena pages by what they
 * are.  A core keeps some things for the life of the process (caches, per-CPU areas): one VM comes and goes unobserved
 * first.
 *
 * Not verified: which object was left (ASan's leak check can tell); worlds that live at the same time are judged
 * together, when the last of them has gone.
 * Locking: worlds may come and go on several CPUs; a count of them decides who looks.
 * Source: spec.md I-L6.
 */
#include <inttypes.h>
#include <stdatomic.h>

#include "harness/invariants/invariants.h"

struct census {
	uint64_t objects;
	uint64_t core_pages;
	uint64_t process_pages;
	uint64_t file_pages;
};

static struct census before_first;
static _Atomic unsigned int worlds;

static struct census take(void)
{
	host_rcu_barrier();
	return (struct census){
		.objects = host_alloc_live(),
		.core_pages = host_pages_live(HOST_PAGE_CORE),
		.process_pages = host_pages_live(HOST_PAGE_ANON),
		.file_pages = host_pages_live(HOST_PAGE_GMEM),
	};
}

static void world_comes(struct world *world)
{
	(void)world;
	if (atomic_fetch_add(&worlds, 1) == 0)
		before_first = take();
}

static void world_has_gone(struct world *world)
{
	struct census now;
	bool same;

	if (atomic_fetch_sub(&worlds, 1) != 1)
		return;
	now = take();
	same = now.objects == before_first.objects && now.core_pages == before_first.core_pages &&
	       now.file_pages == before_first.file_pages &&
	       (!world->owns_mm || now.process_pages == before_first.process_pages);
	EXPECT(L6, same,
	       "more than before: %" PRIi64 " objects, %" PRIi64 " pages of the core, %" PRIi64
	       " of processes, %" PRIi64 " of files",
	       (int64_t)(now.objects - before_first.objects), (int64_t)(now.core_pages - before_first.core_pages),
	       (int64_t)(now.process_pages - before_first.process_pages),
	       (int64_t)(now.file_pages - before_first.file_pages));
}

int invariants_init(const struct mmu_core_ops *core, const struct mmu_core_config *config)
{
	static const struct world_census census = { .before = world_comes, .after = world_has_gone };
	const struct mmu_vm_config vm_config = { .type = MMU_VM_DEFAULT, .quirk_slot_zap_all = true };
	const struct world_options options = { .vcpus = 1 };
	struct world *world;
	int err = world_create(core, config, &vm_config, &options, &world);

	if (err)
		return err;
	world_destroy(world);
	world_set_census(&census);
	return 0;
}
