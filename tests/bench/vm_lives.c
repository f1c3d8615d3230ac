// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_lives.c - how many whole lives of a VM fit into a second of one core: create, one slot, some accesses, an unmap,
 * destroy; that is what a fuzzer pays for each input.
 *
 * vm_lives [SECONDS].  One line for each kind of VM: lives in a second of processor time, and microseconds a life by
 * phase.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness/world/world.h"
#include "tests/core/core_fixture.h"

#define NPAGES 512
#define HVA (HOST_HVA_BASE + 0x20000000)
#define BASE 0x10000
#define ACCESSES 32

enum phase {
	PHASE_CREATE,
	PHASE_SLOT,
	PHASE_ACCESS,
	PHASE_CHANGE,
	PHASE_DESTROY,
	PHASES,
};

static double seconds[PHASES];

/* Of the processor, for this process: the host's own clock may be virtual, and others may use the machine, too. */
static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct program {
	struct world *world;
	unsigned int left;
};

static bool next_access(void *context, struct guest_access *access)
{
	struct program *program = context;
	gfn_t gfn = BASE + program->left * 7 % NPAGES;

	if (!program->left--)
		return false;
	*access = (struct guest_access){ .gpa = gfn << MMU_PAGE_SHIFT, .access = MMU_READ | MMU_WRITE };
	if (model_is_private(&program->world->model, gfn))
		access->access |= MMU_PRIVATE;
	return true;
}

static double phase_end(enum phase phase, double begin)
{
	double end = now();

	seconds[phase] += end - begin;
	return end;
}

static void live(const struct mmu_core_ops *core, const struct mmu_vm_config *vm_config)
{
	const struct world_options options = { .vcpus = 1 };
	struct mmu_slot_request request = {
		.gpa = (uint64_t)BASE << MMU_PAGE_SHIFT,
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA,
	};
	struct program program = { .left = ACCESSES };
	const struct access_source source = { .next = next_access, .context = &program };
	double at = now();

	must(world_create(core, &common_machine, vm_config, &options, &program.world), "VM");
	at = phase_end(PHASE_CREATE, at);
	must(world_host_area_add(program.world, HVA, NPAGES, MMU_LEVEL_4K, true), "area");
	if (vm_config->type == MMU_VM_SW_PROTECTED) {
		request.flags = MMU_SLOT_GMEM;
		request.gmem = world_gmem_create(program.world, NPAGES << MMU_PAGE_SHIFT);
	}
	must(world_slot_set(program.world, &request), "slot");
	at = phase_end(PHASE_SLOT, at);
	must(world_vcpu_run_program(program.world->vcpu[0], &source, false), "accesses");
	at = phase_end(PHASE_ACCESS, at);
	world_host_unmap(program.world, HVA + 0x4000, 16);
	must(world_slot_delete(program.world, 0, 0), "delete");
	at = phase_end(PHASE_CHANGE, at);
	world_destroy(program.world);
	phase_end(PHASE_DESTROY, at);
}

static void measure(const char *name, const struct mmu_core_ops *core, const struct mmu_vm_config *vm_config,
		    double limit)
{
	static const char *const phases[PHASES] = { "create", "slot", "access", "change", "destroy" };
	double begin;
	unsigned int lives;

	for (unsigned int i = 0; i < 20; i++)
		live(core, vm_config);
	for (unsigned int i = 0; i < PHASES; i++)
		seconds[i] = 0;
	begin = now();
	for (lives = 0; now() - begin < limit; lives++)
		live(core, vm_config);
	printf("%-14s %6.0f lives/s  us a life:", name, lives / (now() - begin));
	for (unsigned int i = 0; i < PHASES; i++)
		printf("  %s %.1f", phases[i], seconds[i] * 1e6 / lives);
	printf("\n");
}

int main(int argc, char *argv[])
{
	const double limit = argc > 1 ? strtod(argv[1], NULL) : 2;
	const struct host_config host = { .seed = 1, .quarantine_pages = 256 };
	const struct mmu_core_ops *core = fixture_core(&host, &common_machine, "lives of a VM");
	struct mmu_vm_config vm_config = { .type = MMU_VM_DEFAULT, .quirk_slot_zap_all = true };

	measure("default", core, &vm_config, limit);
	vm_config.type = MMU_VM_SW_PROTECTED;
	if (core_has_vms_of(core, &common_machine, &vm_config))
		measure("sw-protected", core, &vm_config, limit);
	return finding_any() ? 1 : 0;
}
