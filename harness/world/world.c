// SPDX-License-Identifier: GPL-2.0-only
/*
 * world.c - the life of one world: process, VM, vCPUs, model.
 *
 * Locking: creation and destruction are the caller's alone.
 */
#include <errno.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

#define GFNS_DEFAULT ((uint64_t)1 << 19) /* 2 GiB */
#define PLACES_DEFAULT 16

const struct host_lock_class world_lock_class = { .name = "world", .rank = 0, .sleeps = true };

struct world_retired {
	struct world_retired *next;
	void *memory;
};

static struct world_census census;

void world_set_census(const struct world_census *taken)
{
	census = *taken;
}

void world_retire(struct world *world, void *memory)
{
	struct world_retired *retired;

	if (!memory)
		return;
	retired = host_memory_alloc(sizeof(*retired));
	retired->memory = memory;
	world_lock(&world->retired_lock);
	retired->next = world->retired;
	world->retired = retired;
	world_unlock(&world->retired_lock);
}

static void free_retired(struct world *world)
{
	while (world->retired) {
		struct world_retired *retired = world->retired;

		world->retired = retired->next;
		host_memory_free(retired->memory);
		host_memory_free(retired);
	}
}

struct model_places *places_alloc(uint32_t capacity)
{
	struct model_places *places = host_memory_alloc(sizeof(*places) + capacity * sizeof(places->place[0]));

	places->capacity = capacity;
	return places;
}

static void model_init(struct world *world, uint64_t gfns)
{
	struct model *model = &world->model;

	for (unsigned int as_id = 0; as_id < MMU_ADDRESS_SPACES_MAX; as_id++)
		model->as[as_id].places = places_alloc(PLACES_DEFAULT);

	model->clock = 1; /* 0 stands for never */
	model->gfns = gfns ? gfns : GFNS_DEFAULT;
	if (world->vm_config.type == MMU_VM_SW_PROTECTED)
		model_attributes_init(model, model->gfns);
}

static void slots_free(struct model_as *as)
{
	while (as->slots) {
		struct model_slot *slot = as->slots;

		as->slots = slot->older;
		host_memory_free(slot->dirty);
		host_memory_free(slot);
	}
	for (unsigned int i = 0; i < sizeof(as->by_id) / sizeof(as->by_id[0]); i++)
		host_memory_free(as->by_id[i]);
	host_memory_free(as->places);
}

static void model_free(struct model *model)
{
	model_attributes_free(model);
	for (unsigned int as_id = 0; as_id < MMU_ADDRESS_SPACES_MAX; as_id++)
		slots_free(&model->as[as_id]);
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++)
		host_memory_free(model->gmem[i].punched);
}

int world_vcpu_add(struct world *world, uint64_t id)
{
	const struct cpu_config config = {
		.paging = world->core_config.paging,
		.maxphyaddr = world->core_config.maxphyaddr,
		.level_max = world->core_config.level_max,
	};
	struct world_vcpu *vcpu = host_memory_alloc(sizeof(*vcpu));
	int error = -E2BIG;

	struct refusal refusal = { .op = OP_vcpu_create, .world = world, .exact = true, .value = id };

	world_lock(&world->vcpus_lock);
	vcpu->world = world;
	vcpu->index = world->vcpus;
	cpu_init(&vcpu->cpu, world, vcpu, &config);
	refusal_begin(&refusal);
	if (world->vcpus < WORLD_VCPUS_MAX) {
		error = world->core->vcpu_create(world->vm, id, &cpu_guest_ops, &vcpu->cpu, &vcpu->core);
		refusal_end(&refusal, error);
	}
	if (!error) {
		vcpu->id = (uint32_t)id; /* what a kernel that takes more bits has made of them (refusals.def) */
		world->vcpu[world->vcpus] = vcpu;
		__atomic_store_n(&world->vcpus, world->vcpus + 1, __ATOMIC_RELEASE);
	}
	world_unlock(&world->vcpus_lock);
	if (error)
		host_memory_free(vcpu);
	return error;
}

static int create_vcpus(struct world *world, unsigned int count)
{
	int error = 0;

	for (unsigned int i = 0; i < count && !error; i++)
		error = world_vcpu_add(world, i);
	return error;
}

static int create_vm(struct world *world, unsigned int vcpus)
{
	int error;

	world->mm = world->vm_config.mm;
	if (!world->mm) {
		world->mm = host_mm_create();
		if (!world->mm)
			return -ENOMEM;
		world->owns_mm = true;
	}
	world->vm_config.mm = world->mm;
	world->model.mm_id = host_mm_id(world->mm);
	error = world->core->vm_create(&world->vm_config, &world->vm);
	if (error)
		return error;
	world->address_spaces = world->core->address_spaces(world->vm);
	HOST_ASSERT(world->address_spaces >= 1 && world->address_spaces <= MMU_ADDRESS_SPACES_MAX);
	return create_vcpus(world, vcpus);
}

int world_create(const struct mmu_core_ops *core, const struct mmu_core_config *core_config,
		 const struct mmu_vm_config *vm_config, const struct world_options *options, struct world **out)
{
	struct world *world = host_memory_alloc(sizeof(*world));
	int error;

	HOST_ASSERT(options->vcpus >= 1 && options->vcpus <= WORLD_VCPUS_MAX);
	world->core = core;
	world->core_config = *core_config;
	world->vm_config = *vm_config;
	world->alone = options->alone;
	world->digest_every = options->alone ? options->digest_every : 0;
	world->limits = options->limits;
	model_init(world, options->gfns);
	if (census.before)
		census.before(world);
	error = create_vm(world, options->vcpus);
	if (error) {
		world_destroy(world);
		return error;
	}
	*out = world;
	return 0;
}

/* How often the use-based rules were looked at: told once, not on each access. */
static void count_checks(const struct world *world)
{
	uint64_t accesses = world_counter(world, CPU_ACCESSES);

	invariant_count_checks(INV_T1, world_counter(world, CPU_TLB_HITS));
	invariant_count_checks(INV_T3, world_counter(world, CPU_WALKS));
	invariant_count_checks(INV_T4, world_counter(world, CPU_LOGGED_WRITES));
	invariant_count_checks(INV_T6, world_counter(world, CPU_ENTRIES));
	invariant_count_checks(INV_P7, world_counter(world, CPU_GMEM_READS));
	invariant_count_checks(INV_L5, world_counter(world, CPU_FAULTS));
	invariant_count_checks(INV_Z8, accesses);
	invariant_count_checks(INV_Z3, accesses);
}

void world_process_exit(struct world *world)
{
	HOST_ASSERT(world->owns_mm && !world->process_gone);
	host_mm_destroy(world->mm);
	world->process_gone = true;
}

void world_destroy(struct world *world)
{
	prefault_stop_watcher(world);
	count_checks(world);
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		if (world->model.gmem[i].state == MODEL_LIVE)
			world_gmem_close(world, world->model.gmem[i].descriptor);
	}
	if (world->vm)
		world->core->vm_destroy(world->vm);
	world->vm = NULL;
	if (world->owns_mm && !world->process_gone)
		host_mm_destroy(world->mm);
	if (census.after)
		census.after(world);
	for (unsigned int i = 0; i < world->vcpus; i++)
		host_memory_free(world->vcpu[i]);
	model_free(&world->model);
	free_retired(world);
	host_memory_free(world);
}

void world_settle(struct world *world)
{
	HOST_ASSERT(!MODEL_GET(world->model.in_flight));
	gmem_settle(world);
}

uint64_t world_counter(const struct world *world, enum cpu_counter counter)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < world->vcpus; i++)
		sum += cpu_counter(&world->vcpu[i]->cpu, counter);
	return sum;
}
