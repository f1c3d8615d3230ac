// SPDX-License-Identifier: GPL-2.0-only
/*
 * vcpu.c - running one vCPU, as a VMM does it.
 *
 * Locking: one vCPU runs on one CPU at a time; world_vcpu_kick() and world_smi() may come from any.
 */
#include <errno.h>

#include "harness/oracle/oracle.h"
#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

int world_vcpu_run(struct world_vcpu *vcpu, const struct access_source *source)
{
	struct mmu_run *run = &vcpu->run;
	int error;

	if (run->reason == MMU_RUN_MMIO && (run->access & MMU_READ))
		run->value = 0;
	vcpu->cpu.source = source;
	error = vcpu->world->core->vcpu_run(vcpu->core, run);
	vcpu->cpu.source = NULL;
	/* Whatever this run came back with: a kick or an allocation that failed may hide what the SMI did. */
	if (MODEL_GET(vcpu->world->smis) && vcpu->world->core->counter(vcpu->world->vm, MMU_COUNTER_DEAD) > 0)
		MODEL_SET(vcpu->world->dead, true);
	if (run->reason == MMU_RUN_MEMORY_FAULT)
		oracle_check_memory_fault(&vcpu->cpu, run, error);
	else if (run->reason == MMU_RUN_MMIO)
		oracle_check_mmio(&vcpu->cpu, run);
	return error;
}

void world_vcpu_skip(struct world_vcpu *vcpu)
{
	vcpu->cpu.pending = false;
	vcpu->cpu.faults_in_a_row = 0;
}

/* The guest and the attribute disagree; the VMM gives in, or drops the access. */
static void resolve_memory_fault(struct world_vcpu *vcpu, bool convert)
{
	struct world *world = vcpu->world;
	gfn_t gfn = vcpu->run.gpa >> MMU_PAGE_SHIFT;
	bool wants_private = vcpu->run.access & MMU_PRIVATE;

	/* Already of that kind: there is no memory of that kind behind it, and setting it again would not help. */
	if (!convert || model_is_private(&world->model, gfn) == wants_private ||
	    world_attributes_set(world, gfn << MMU_PAGE_SHIFT, MMU_PAGE_SIZE,
				 wants_private ? MMU_ATTRIBUTE_PRIVATE : 0))
		world_vcpu_skip(vcpu);
}

/* Memory failure under the access that did not complete: a VMM would tell the guest, which gives it up. */
static bool hit_poison(const struct world_vcpu *vcpu)
{
	const struct world *world = vcpu->world;
	const struct cpu *cpu = &vcpu->cpu;
	unsigned int as_id = cpu_as_id(cpu);
	struct host_mm_mapping mapping;
	hva_t hva;

	return cpu->pending && model_hva_at(&world->model, as_id, cpu->access.gpa >> MMU_PAGE_SHIFT, &hva) &&
	       host_mm_fault(world->mm, hva, false, false, NULL, &mapping) == -EHWPOISON;
}

/* What a VMM does about one run; true: go on. */
static bool resume(struct world_vcpu *vcpu, int *error, bool convert)
{
	switch (vcpu->run.reason) {
	case MMU_RUN_MMIO:
		return !*error;
	case MMU_RUN_DIRTY_RING_FULL:
		*error = world_ring_collect(vcpu->world);
		/* An overrun ring (docs/FINDINGS.md) is full for ever: its entries are not where KVM looks for them. */
		if (!*error && vcpu->world->ring_overrun)
			*error = -EIO;
		return *error >= 0;
	case MMU_RUN_MEMORY_FAULT:
		resolve_memory_fault(vcpu, convert);
		return true;
	case MMU_RUN_DONE:
		return *error == -ENOMEM; /* an allocation failed on demand: the guest tries again */
	case MMU_RUN_INTERRUPTED:
		*error = -EINTR; /* perhaps a kick as well, so it is not for us to go on */
		if (hit_poison(vcpu))
			world_vcpu_skip(vcpu);
		return false;
	default:
		if (*error == -ENOMEM)
			return true;
		if (*error == -EFAULT || *error == -EHWPOISON) {
			world_vcpu_skip(vcpu);
			return true;
		}
		*error = *error ? *error : -EIO;
		return false;
	}
}

int world_vcpu_run_program(struct world_vcpu *vcpu, const struct access_source *source, bool convert)
{
	struct refusal refusal = {
		.op = OP_access,
		.world = vcpu->world,
		.exact = vcpu->world->alone,
		.vcpu = vcpu,
	};
	int error;

	refusal_begin(&refusal);
	do
		error = world_vcpu_run(vcpu, source);
	while (resume(vcpu, &error, convert));
	refusal_end(&refusal, error);
	return error;
}

int world_fault(struct world_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed)
{
	return vcpu->world->core->vcpu_fault(vcpu->core, gpa, access, allowed);
}

void world_vcpu_kick(struct world_vcpu *vcpu)
{
	__atomic_add_fetch(&vcpu->kicks, 1, __ATOMIC_RELAXED);
	vcpu->world->core->vcpu_kick(vcpu->core);
}

int world_smi(struct world_vcpu *vcpu)
{
	struct world *world = vcpu->world;
	struct refusal refusal = { .op = OP_smi, .world = world, .exact = true, .vcpu = vcpu };
	int error;

	if (world->address_spaces < 2)
		return -EINVAL;
	refusal_begin(&refusal);
	__atomic_add_fetch(&world->smis, 1, __ATOMIC_RELAXED);
	model_op_begin(&world->model);
	error = world->core->vcpu_smi(vcpu->core);
	model_op_return(&world->model);
	refusal_end(&refusal, error);
	return error;
}
