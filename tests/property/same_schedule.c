// SPDX-License-Identifier: GPL-2.0-only
/*
 * same_schedule.c - property: a run on fibres is a function of its seed.
 *
 * same_schedule [SEEDS].  Two vCPUs fault on the same pages while the host unmaps them and a slot comes and goes; a
 * random walk decides who runs.  Each seed is run twice, with other runs in between, so that neither the heap nor the
 * arena is as it was; hashes over all points have to be equal.  The last line has a hash of them all, which is the same
 * in each process of one build.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/invariants/invariants.h"
#include "mmu_core/schedule.h"
#include "tests/core/core_fixture.h"

#define VCPUS 2
#define NPAGES 512
#define HVA (HOST_HVA_BASE + 0x20000000)
#define BASE 0x10000

static const struct mmu_core_ops *core;

/* ------------------------------------------------------------------------------------------------------- the policy */

struct walk {
	uint64_t state;
};

static uint64_t draw(void *context)
{
	struct walk *walk = context;

	walk->state = walk->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return walk->state >> 33;
}

static unsigned int pick(void *context, const struct host_choice *choice)
{
	uint64_t enabled = choice->enabled;

	if (enabled >> choice->running & 1 && draw(context) % 16)
		return choice->running;
	for (uint64_t skip = draw(context) % (uint64_t)__builtin_popcountll(enabled); skip; skip--)
		enabled &= enabled - 1;
	return (unsigned int)__builtin_ctzll(enabled);
}

/* ------------------------------------------------------------------------------------------------------------ a run */

struct program {
	struct world_vcpu *vcpu;
	unsigned int left;
};

static bool next_access(void *context, struct guest_access *access)
{
	struct program *program = context;

	if (!program->left--)
		return false;
	*access = (struct guest_access){
		.gpa = (uint64_t)(BASE + host_random() % 4) << MMU_PAGE_SHIFT,
		.access = host_random() % 2 ? MMU_READ : MMU_WRITE,
	};
	return true;
}

static void run_vcpu(void *argument)
{
	struct program program = { .vcpu = argument, .left = 6 };
	const struct access_source source = { .next = next_access, .context = &program };
	int err;

	do
		err = world_vcpu_run_program(program.vcpu, &source, false);
	while (err == -EINTR || err == -EAGAIN);
}

static void run_host(void *argument)
{
	struct world *world = argument;

	for (unsigned int i = 0; i < 3; i++)
		world_host_unmap(world, HVA + (host_random() % 4) * MMU_PAGE_SIZE, 1 + host_random() % 2);
}

static void run_slots(void *argument)
{
	const struct mmu_slot_request request = {
		.id = 1,
		.gpa = (uint64_t)(BASE + 2 * NPAGES) << MMU_PAGE_SHIFT,
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA,
	};
	struct world *world = argument;

	must(world_slot_set(world, &request), "slot 1");
	must(world_slot_delete(world, 0, 1), "slot 1 goes");
}

static void everything(struct world *world)
{
	struct host_thread *threads[VCPUS + 2];
	unsigned int count = 0;

	for (unsigned int i = 0; i < VCPUS; i++)
		must(host_cpu_spawn("vcpu", run_vcpu, world->vcpu[i], &threads[count++]), "vcpu");
	must(host_cpu_spawn("host", run_host, world, &threads[count++]), "host");
	must(host_cpu_spawn("slots", run_slots, world, &threads[count++]), "slots");
	while (count)
		host_thread_join(threads[--count]);
}

static bool zaps_leafs; /* KVM_X86_QUIRK_SLOT_ZAP_ALL can be switched off */

static struct host_trace run(uint64_t seed, enum mmu_vm_type type)
{
	const struct mmu_vm_config vm_config = { .type = type, .quirk_slot_zap_all = !zaps_leafs || seed % 2 };
	const struct world_options options = { .vcpus = VCPUS };
	const struct mmu_slot_request request = {
		.gpa = (uint64_t)BASE << MMU_PAGE_SHIFT,
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA,
	};
	struct walk walk = { .state = seed };
	const struct host_schedule schedule = { .pick = pick, .draw = draw, .context = &walk };
	struct host_trace trace;
	struct world *world;

	host_schedule_begin(&schedule);
	must(world_create(core, &common_machine, &vm_config, &options, &world), "VM");
	must(world_host_area_add(world, HVA, NPAGES, MMU_LEVEL_4K, true), "area");
	must(world_slot_set(world, &request), "slot");
	everything(world);
	invariants_audit(world);
	world_destroy(world);
	trace = host_schedule_trace();
	host_schedule_begin(NULL);
	return trace;
}

static uint64_t compare(unsigned int seeds, enum mmu_vm_type type)
{
	struct host_trace *first = calloc(seeds, sizeof(*first));
	uint64_t sum = 0, points = 0, switches = 0;

	HOST_ASSERT(first);
	run(0, type);
	run(1, type);
	for (unsigned int i = 0; i < seeds; i++)
		first[i] = run(i, type);
	for (unsigned int i = 0; i < seeds; i++) {
		struct host_trace again = run(i, type);

		if (again.hash != first[i].hash) {
			fprintf(stderr,
				"seed %u: %" PRIu64 " points, %" PRIu64 " switches; then %" PRIu64 ", %" PRIu64 "\n", i,
				first[i].points, first[i].switches, again.points, again.switches);
			exit(1);
		}
		sum = sum * 31 + again.hash;
		points += again.points;
		switches += again.switches;
	}
	printf("VM type %d: %u seeds twice, %" PRIu64 " points and %" PRIu64 " switches a run\n", type, seeds,
	       points / seeds, switches / seeds);
	free(first);
	return sum;
}

int main(int argc, char *argv[])
{
	const unsigned int seeds = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 200;
	const struct host_config host = { .seed = 1 };
	const struct mmu_vm_config leaf_zapper = { .type = MMU_VM_DEFAULT };
	const struct mmu_vm_config private = { .type = MMU_VM_SW_PROTECTED, .quirk_slot_zap_all = true };
	uint64_t sum;

	core = fixture_core(&host, &common_machine, "same schedule");
	zaps_leafs = core_has_vms_of(core, &common_machine, &leaf_zapper);
	sum = compare(seeds, MMU_VM_DEFAULT);
	if (core_has_vms_of(core, &common_machine, &private))
		sum = sum * 31 + compare(seeds, MMU_VM_SW_PROTECTED);
	printf("all: %016" PRIx64 "\n", sum);
	return finding_any() ? 1 : 0;
}
