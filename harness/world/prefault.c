// SPDX-License-Identifier: GPL-2.0-only
/*
 * prefault.c - KVM_PRE_FAULT_MEMORY, and somebody to interrupt it.
 *
 * Some kernels never come back from a prefault by themselves: one that meets a slot on its way out tries again for
 * ever, inside the SRCU section that the slot's change waits for (before 6.18, spec.md 13.14), and so does one whose
 * root is or becomes obsolete, where kvm_mmu_reload() does not look for that (6.12).  A VMM would be saved by a signal,
 * so each world that prefaults has a watcher that kicks those which take too long.
 * Locking: the watcher only reads the start times and kicks.
 */
#include <errno.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

#define WATCH_NS (5 * 1000 * 1000)
#define PREFAULT_NS_MAX (20 * 1000 * 1000)

static void kick_slow_ones(struct world *world)
{
	uint64_t now = host_time_ns();

	for (unsigned int i = 0; i < world->vcpus; i++) {
		struct world_vcpu *vcpu = world->vcpu[i];
		uint64_t since = __atomic_load_n(&vcpu->prefault_since_ns, __ATOMIC_RELAXED);

		if (since && now > since + PREFAULT_NS_MAX) {
			__atomic_add_fetch(&world->prefaults_kicked, 1, __ATOMIC_RELAXED);
			world_vcpu_kick(vcpu);
		}
	}
}

static void watch(void *argument)
{
	struct world *world = argument;

	for (;;) {
		uint32_t key = host_event_key(&world->watcher);

		if (__atomic_load_n(&world->watcher_leaves, __ATOMIC_ACQUIRE))
			return;
		host_event_wait(&world->watcher, key, WATCH_NS);
		kick_slow_ones(world);
	}
}

static void start_watcher(struct world *world)
{
	struct host_thread *watcher;

	world_lock(&world->watcher_lock);
	if (!world->watcher) {
		HOST_ASSERT(!host_cpu_spawn("world-watcher", watch, world, &watcher));
		__atomic_store_n(&world->watcher, watcher, __ATOMIC_RELAXED);
	}
	world_unlock(&world->watcher_lock);
}

void prefault_stop_watcher(struct world *world)
{
	if (!world->watcher)
		return;
	__atomic_store_n(&world->watcher_leaves, true, __ATOMIC_RELEASE);
	host_event_wake(&world->watcher);
	host_thread_join(world->watcher);
}

static bool root_is_obsolete(const struct world_vcpu *vcpu)
{
	return MODEL_GET(vcpu->world->zapped_at) > vcpu->cpu.entered_at;
}

/* Serves what is pending for the vCPU, so that the prefault does not begin on a root that is known to be obsolete. */
static void enter_once(struct world_vcpu *vcpu)
{
	/* A kick that has been waiting for it turns the first attempt back. */
	for (unsigned int i = 0; i < 2 && root_is_obsolete(vcpu); i++)
		world_vcpu_run(vcpu, NULL);
}

/* What KVM keeps in reserve for one run of a vCPU: KVM_DIRTY_RING_RSVD_ENTRIES and the page-modification log. */
#define RING_RESERVE 576

/* A pre-fault pushes an entry a page, whether there is room or not. */
static void note_ring(struct world *world, uint64_t bytes)
{
	uint64_t npages = bytes >> MMU_PAGE_SHIFT;

	if (world->vm_config.dirty_ring_bytes &&
	    __atomic_add_fetch(&world->ring_prefaulted, npages, __ATOMIC_RELAXED) > RING_RESERVE)
		world->ring_overrun = true;
}

int world_prefault(struct world_vcpu *vcpu, gpa_t gpa, uint64_t bytes)
{
	struct world *world = vcpu->world;
	struct refusal refusal = {
		.op = OP_prefault,
		.world = world,
		.exact = world->alone,
		.vcpu = vcpu,
		.gpa = gpa,
		.bytes = bytes,
	};
	int error;

	enter_once(vcpu);
	/* Alone, nothing happens meanwhile that could keep it from coming back; but a full ring lets no vCPU enter. */
	if ((!world->alone || root_is_obsolete(vcpu)) && !MODEL_GET(world->watcher))
		start_watcher(world);
	refusal_begin(&refusal);
	__atomic_store_n(&vcpu->prefault_since_ns, host_time_ns() | 1, __ATOMIC_RELAXED);
	model_op_begin(&world->model);
	error = world->core->vcpu_prefault(vcpu->core, gpa, bytes);
	model_op_return(&world->model);
	refusal_end(&refusal, error);
	if (!error)
		note_ring(world, bytes);
	__atomic_store_n(&vcpu->prefault_since_ns, 0, __ATOMIC_RELAXED);
	return error;
}
