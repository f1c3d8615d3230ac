// SPDX-License-Identifier: GPL-2.0-only
/*
 * generation.c - one VM of a run, from creation over audits to its end.
 *
 * Many bugs show only where a VM is torn down, and some only with one way of dirty logging or one strategy of zapping:
 * each VM draws its own, within the options.
 */
#include <errno.h>

#include "stress/driver.h"

#include "harness/invariants/invariants.h"

#define RING_BYTES 16384 /* 1024 entries, of which KVM reserves up to 576: fills soon */

static enum mmu_vm_type pick_type(const struct stress *stress)
{
	enum scenario_vm_types types = stress->scenario->vm_types;

	if (stress->options->vm_type == STRESS_VM_DEFAULT || types == SCENARIO_VM_DEFAULT)
		return MMU_VM_DEFAULT;
	if (stress->options->vm_type == STRESS_VM_PROTECTED || types == SCENARIO_VM_PROTECTED)
		return MMU_VM_SW_PROTECTED;
	return stress->totals.vms % 2 ? MMU_VM_SW_PROTECTED : MMU_VM_DEFAULT;
}

static enum stress_dirty pick_dirty(const struct stress *stress)
{
	if (stress->options->dirty != STRESS_DIRTY_ANY)
		return (enum stress_dirty)stress->options->dirty;
	return STRESS_DIRTY_BITMAP + pick(STRESS_DIRTY_KINDS - STRESS_DIRTY_BITMAP);
}

static int make_vm(struct stress *stress)
{
	struct mmu_vm_config config = { .type = pick_type(stress) };
	struct world_options options = { .vcpus = stress->nr_vcpus };
	int error;

	stress->dirty = pick_dirty(stress);
	config.dirty_ring_bytes = stress->dirty == STRESS_DIRTY_RING ? RING_BYTES : 0;
	config.manual_dirty_protect = stress->dirty == STRESS_DIRTY_MANUAL || stress->dirty == STRESS_DIRTY_INITSET;
	config.dirty_initially_set = stress->dirty == STRESS_DIRTY_INITSET;
	config.quirk_slot_zap_all = config.type == MMU_VM_DEFAULT && one_in(2);

	error = world_create(stress->core, &stress->core_config, &config, &options, &stress->world);
	if (error == -EOPNOTSUPP && stress->scenario->vm_types != SCENARIO_VM_PROTECTED) {
		/* An older kernel: neither private memory nor a choice of how slots are zapped. */
		config.type = MMU_VM_DEFAULT;
		config.quirk_slot_zap_all = true;
		error = world_create(stress->core, &stress->core_config, &config, &options, &stress->world);
	}
	if (error) {
		stress->world = NULL;
		return error;
	}
	error = layout_build(stress->world, &stress->files);
	if (error) {
		world_destroy(stress->world);
		stress->world = NULL;
	}
	return error;
}

static int make_program_vm(struct stress *stress)
{
	const struct run_options options = { .rewinds = true };
	int error = run_begin(stress->core, &stress->core_config, &stress->program, &options, true, &stress->run);

	stress->world = error ? NULL : run_world(stress->run);
	return error;
}

/* Allocations that fail on demand fail here, too: a VMM that has been told so tries again. */
int generation_begin(struct stress *stress)
{
	int error;

	do
		error = stress->has_program ? make_program_vm(stress) : make_vm(stress);
	while (error == -ENOMEM && stress->options->alloc_fail);
	stress->totals.vms += !error;
	return error;
}

void generation_audit(struct stress *stress)
{
	if (stress->has_program)
		run_settle(stress->run);
	invariants_audit(stress->world);
	stress->totals.audits++;
}

void generation_end(struct stress *stress)
{
	struct world *world = stress->world;

	if (!stress->has_program)
		harvester_finish(stress);
	generation_audit(stress);
	stress->prefaults_kicked += world->prefaults_kicked;
	stress->totals.accesses += world_counter(world, CPU_ACCESSES);
	stress->totals.faults += world_counter(world, CPU_FAULTS);
	stress->world = NULL;
	if (stress->has_program) {
		run_end(stress->run, NULL);
		return;
	}
	/*
	 * A VMM that is killed loses its memory while the VM still stands; one that ends in peace closes the VM first.
	 */
	if (one_in(4)) {
		world_process_exit(world);
		invariants_after_release(world);
	}
	world_destroy(world);
}

uint64_t stress_accesses(const struct stress *stress)
{
	return stress->totals.accesses + (stress->world ? world_counter(stress->world, CPU_ACCESSES) : 0);
}

uint64_t stress_faults(const struct stress *stress)
{
	return stress->totals.faults + (stress->world ? world_counter(stress->world, CPU_FAULTS) : 0);
}
