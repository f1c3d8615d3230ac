// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_guest.c - what guests do, and what is done to vCPUs.
 *
 * A guest's physical addresses have as many bits as its CPU says; a program's are cut to that.
 */
#include <errno.h>

#include "harness/run/run_parts.h"

/* A run of accesses. */
struct guest {
	gpa_t gpa;
	uint64_t stride;
	unsigned int left;
	uint32_t access;
	gpa_t gpa_mask;
};

static gpa_t gpa_mask(const struct run *run)
{
	return ((gpa_t)1 << run->config.maxphyaddr) - 1;
}

/* Inside of one page, on one of its words. */
static bool next_access(void *context, struct guest_access *access)
{
	struct guest *guest = context;

	if (!guest->left)
		return false;
	guest->left--;
	*access = (struct guest_access){ .access = guest->access, .gpa = guest->gpa & guest->gpa_mask & ~(gpa_t)7 };
	guest->gpa += guest->stride;
	return true;
}

static int run_guest(struct run *run, struct world_vcpu *vcpu, struct guest *guest)
{
	const struct access_source source = {
		.next = next_access,
		.faults_max = RUN_FAULTS_MAX,
		.context = guest,
	};
	int error = world_vcpu_run_program(vcpu, &source, false);

	/* Poison, a kick: the next operation begins with an access of its own. */
	if (error)
		world_vcpu_skip(vcpu);
	return error;
}

static unsigned int accesses_of(const struct args_access *args)
{
	bool far = args->stride >= mmu_level_npages(MMU_LEVEL_2M) << MMU_PAGE_SHIFT;
	unsigned int most = far ? RUN_FAR_ACCESSES_MAX : RUN_ACCESSES_MAX;

	return args->count < most ? (unsigned int)args->count : most;
}

int run_access(struct run_stream *stream, const struct args_access *args)
{
	struct run *run = stream->run;
	struct guest guest = {
		.gpa = args->gpa,
		.stride = args->stride,
		.left = accesses_of(args),
		.access = (uint32_t)args->how,
		.gpa_mask = gpa_mask(run),
	};
	struct world_vcpu *vcpu;
	int error;

	if (!(guest.access & (MMU_READ | MMU_WRITE | MMU_EXEC)))
		return skip(stream, "an access that does nothing");
	vcpu = run_vcpu_get(run, args->vcpu);
	error = run_guest(run, vcpu, &guest);
	run_vcpu_put(run, vcpu);
	return error;
}

/* ------------------------------------------------------------------------------------------------------------ edges */

#define EDGES_MAX 16

struct edge_list {
	unsigned int count, next;
	gfn_t gfn[EDGES_MAX];
	uint32_t access;
	gpa_t gpa_mask;
};

static void add_edge(struct edge_list *list, gfn_t gfn)
{
	if (list->count < EDGES_MAX)
		list->gfn[list->count++] = gfn;
}

/* Both sides of the ends, and of the first and last 2M and 1G boundary inside. */
static void find_edges(struct edge_list *list, gfn_t base, uint64_t npages)
{
	gfn_t end = base + npages;

	add_edge(list, base - 1);
	add_edge(list, base);
	add_edge(list, end - 1);
	add_edge(list, end);
	for (int level = MMU_LEVEL_2M; level <= MMU_LEVEL_1G; level++) {
		uint64_t size = mmu_level_npages(level);
		gfn_t first = (base + size - 1) / size * size, last = end / size * size;

		if (first > base && first < end) {
			add_edge(list, first - 1);
			add_edge(list, first);
		}
		if (last > first && last < end) {
			add_edge(list, last - 1);
			add_edge(list, last);
		}
	}
}

static bool next_edge(void *context, struct guest_access *access)
{
	struct edge_list *list = context;

	if (list->next == list->count)
		return false;
	*access = (struct guest_access){
		.access = list->access,
		.gpa = list->gfn[list->next++] << MMU_PAGE_SHIFT & list->gpa_mask,
	};
	return true;
}

int run_edges(struct run_stream *stream, const struct args_edges *args)
{
	struct run *run = stream->run;
	struct edge_list list = { .access = (uint32_t)args->how, .gpa_mask = gpa_mask(run) };
	const struct access_source source = {
		.next = next_edge,
		.faults_max = RUN_FAULTS_MAX,
		.context = &list,
	};
	struct mmu_slot_request slot;
	struct world_vcpu *vcpu;
	int error;

	if (!(list.access & (MMU_READ | MMU_WRITE | MMU_EXEC)))
		return skip(stream, "an access that does nothing");
	if (!world_slot_describe(run->world, (unsigned int)args->as, (unsigned int)args->id, &slot))
		return skip(stream, "no such slot");
	find_edges(&list, slot.gpa >> MMU_PAGE_SHIFT, slot.bytes >> MMU_PAGE_SHIFT);
	vcpu = run_vcpu_get(run, args->vcpu);
	error = world_vcpu_run_program(vcpu, &source, false);
	if (error)
		world_vcpu_skip(vcpu);
	run_vcpu_put(run, vcpu);
	return error;
}

/* --------------------------------------------------------------------------------------------- faults without a CPU */

/* A ring has room for what is reserved beyond the limit at which KVM_RUN would have asked for a harvest. */
#define RING_PUSHES_MAX 256

static void make_room_in_rings(struct run *run)
{
	if (!run->world->vm_config.dirty_ring_bytes || ++run->ring_pushes < RING_PUSHES_MAX)
		return;
	world_ring_collect(run->world);
	run->ring_pushes = 0;
}

int run_fault(struct run_stream *stream, const struct args_fault *args)
{
	struct run *run = stream->run;
	uint32_t access = (uint32_t)args->how & ((uint32_t)args->how & MMU_PRIVATE ? 15 : 7);
	struct world_vcpu *vcpu;
	int result;

	if (!(access & (MMU_READ | MMU_WRITE | MMU_EXEC)))
		return skip(stream, "an access that does nothing");
	vcpu = run_vcpu_get(run, args->vcpu);
	make_room_in_rings(run);
	result = world_fault(vcpu, args->gpa & gpa_mask(run), access,
			     (uint32_t)args->allowed & (MMU_READ | MMU_WRITE | MMU_EXEC));
	run_vcpu_put(run, vcpu);
	return result;
}

int run_prefault(struct run_stream *stream, const struct args_prefault *args)
{
	struct run *run = stream->run;
	struct world_vcpu *vcpu;
	int error;

	if (run_would_wait(stream))
		return skip(stream, "an invalidation is open");
	if (args->bytes >> MMU_PAGE_SHIFT > RUN_PREFAULT_NPAGES_MAX && args->gpa + args->bytes > args->gpa)
		return skip(stream, "more than a run has time for");
	vcpu = run_vcpu_get(run, args->vcpu);
	error = world_prefault(vcpu, args->gpa, args->bytes);
	run_vcpu_put(run, vcpu);
	return error;
}

/* ------------------------------------------------------------------------------------------------------- the vCPU */

int run_smi(struct run_stream *stream, const struct args_smi *args)
{
	struct run *run = stream->run;
	struct world_vcpu *vcpu;
	int error;

	if (run->world->address_spaces < 2)
		return skip(stream, "no SMM without a second address space");
	vcpu = run_vcpu_get(run, args->vcpu);
	error = world_smi(vcpu);
	run_vcpu_put(run, vcpu);
	return error;
}

static bool next_rsm(void *context, struct guest_access *access)
{
	bool *done = context;

	*access = (struct guest_access){ .step = GUEST_RSM };
	*done = !*done;
	return *done;
}

int run_rsm(struct run_stream *stream, const struct args_rsm *args)
{
	bool done = false;
	const struct access_source source = { .next = next_rsm, .context = &done };
	struct world_vcpu *vcpu = run_vcpu_get(stream->run, args->vcpu);
	int error = world_vcpu_run_program(vcpu, &source, false);

	if (error)
		world_vcpu_skip(vcpu);
	run_vcpu_put(stream->run, vcpu);
	return error;
}

/* May come while the vCPU runs. */
int run_kick(struct run_stream *stream, const struct args_kick *args)
{
	struct world *world = stream->run->world;

	world_vcpu_kick(world->vcpu[args->vcpu % __atomic_load_n(&world->vcpus, __ATOMIC_ACQUIRE)]);
	return 0;
}
