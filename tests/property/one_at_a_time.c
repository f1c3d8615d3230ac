// SPDX-License-Identifier: GPL-2.0-only
/*
 * one_at_a_time.c - property: when operations run one at a time, each END_OF_OP rule holds as soon as its operation has
 * returned, and every audit in between is clean.
 *
 * one_at_a_time [SEED [OPERATIONS]].  Under free-running threads these rules can only be looked at by the next audit;
 * here they are looked at where they were broken.  Exit code 1: a finding, told on standard error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/invariants/invariants.h"
#include "tests/core/core_fixture.h"

#define NPAGES 2048
#define HVA (HOST_HVA_BASE + 0x20000000)
#define BASE 0x10000
#define MOVED 0x40000
#define AUDIT_EVERY 32

struct subject {
	struct world *world;
	gfn_t base; /* where the slot is now */
	bool private_memory;
	bool logged;
	int gmem;
};

struct range {
	uint64_t first, npages;
};

static uint64_t pick(uint64_t n)
{
	return host_random() % n;
}

static struct range pick_range(void)
{
	uint64_t first = pick(4) ? pick(NPAGES) : pick(NPAGES / 512) * 512;
	uint64_t npages = pick(4) ? 1 + pick(16) : 512;

	return (struct range){ first, npages < NPAGES - first ? npages : NPAGES - first };
}

/* --------------------------------------------------------------------------------------------------- guest accesses */

struct program {
	struct subject *subject;
	unsigned int left;
};

static bool next_access(void *context, struct guest_access *access)
{
	static const uint32_t kinds[] = { MMU_READ, MMU_WRITE, MMU_READ | MMU_WRITE, MMU_EXEC };
	struct program *program = context;
	gfn_t gfn = program->subject->base + pick(NPAGES);

	if (!program->left--)
		return false;
	*access = (struct guest_access){ .gpa = gfn << MMU_PAGE_SHIFT, .access = kinds[pick(4)] };
	if (model_is_private(&program->subject->world->model, gfn))
		access->access |= MMU_PRIVATE;
	return true;
}

static void op_accesses(struct subject *subject)
{
	struct program program = { subject, 16 };
	const struct access_source source = { .next = next_access, .context = &program };

	must(world_vcpu_run_program(subject->world->vcpu[0], &source, false), "accesses");
}

/* ------------------------------------------------------------------------------------------------------- operations */

static int create(struct subject *subject)
{
	const struct mmu_slot_request request = {
		.flags = (subject->private_memory ? MMU_SLOT_GMEM : 0) | (subject->logged ? MMU_SLOT_LOG_DIRTY : 0),
		.gpa = subject->base << MMU_PAGE_SHIFT,
		.bytes = NPAGES << MMU_PAGE_SHIFT,
		.hva = HVA,
		.gmem = subject->gmem,
	};

	return world_slot_set(subject->world, &request);
}

static void op_recreate(struct subject *subject)
{
	must(world_slot_delete(subject->world, 0, 0), "delete");
	invariants_after_slot_gone(subject->world, 0, subject->base, NPAGES);
	must(create(subject), "create");
}

/* A slot on a guest_memfd cannot move. */
static void op_move(struct subject *subject)
{
	gfn_t old = subject->base;

	if (subject->private_memory)
		return;
	subject->base = old == BASE ? MOVED : BASE;
	must(world_slot_move(subject->world, 0, 0, subject->base), "move");
	invariants_after_slot_gone(subject->world, 0, old, NPAGES);
}

static void op_attributes(struct subject *subject)
{
	struct range range = pick_range();
	gfn_t gfn = subject->base + range.first;

	if (!subject->private_memory)
		return;
	must(world_attributes_set(subject->world, gfn << MMU_PAGE_SHIFT, range.npages << MMU_PAGE_SHIFT,
				  pick(2) ? MMU_ATTRIBUTE_PRIVATE : 0),
	     "attributes");
	invariants_after_attributes(subject->world, gfn, range.npages);
}

static void op_punch(struct subject *subject)
{
	struct range range = pick_range();

	if (!subject->private_memory)
		return;
	must(world_gmem_punch(subject->world, subject->gmem, range.first << MMU_PAGE_SHIFT,
			      range.npages << MMU_PAGE_SHIFT),
	     "punch");
	invariants_after_punch(subject->world, subject->gmem, range.first, range.npages);
}

static void op_window(struct subject *subject)
{
	struct range range = pick_range();
	hva_t hva = HVA + (range.first << MMU_PAGE_SHIFT);
	int window = world_host_window_open(subject->world, hva, range.npages);

	must(window < 0 ? window : 0, "window");
	invariants_after_invalidate(subject->world, hva, range.npages);
	world_host_window_close(subject->world, window);
}

static void op_host(struct subject *subject)
{
	struct range range = pick_range();
	hva_t hva = HVA + (range.first << MMU_PAGE_SHIFT);

	switch (pick(5)) {
	case 0:
		world_host_unmap(subject->world, hva, range.npages);
		break;
	case 1:
		world_host_protect(subject->world, hva, range.npages);
		break;
	case 2:
		world_host_migrate(subject->world, hva);
		break;
	case 3:
		world_host_split(subject->world, hva);
		break;
	default:
		world_host_collapse(subject->world, hva);
		break;
	}
	invariants_after_invalidate(subject->world, hva, range.npages);
}

static void op_log(struct subject *subject)
{
	if (subject->private_memory)
		return;
	if (subject->logged && pick(2)) {
		must(world_dirty_get(subject->world, 0, 0, NULL), "dirty log");
		world_check_dirty(subject->world);
		return;
	}
	subject->logged = !subject->logged;
	must(world_slot_set_flags(subject->world, 0, 0, subject->logged ? MMU_SLOT_LOG_DIRTY : 0), "flags");
}

/* ------------------------------------------------------------------------------------------------------------ a run */

static void (*const operations[])(struct subject *subject) = {
	op_accesses,   op_accesses, op_accesses, op_recreate, op_move,
	op_attributes, op_punch,    op_window,   op_host,     op_log,
};

static void build(const struct mmu_core_ops *core, const struct mmu_vm_config *vm_config, struct subject *subject)
{
	const struct world_options options = { .vcpus = 1 };

	must(world_create(core, &common_machine, vm_config, &options, &subject->world), "VM");
	subject->base = BASE;
	subject->private_memory = vm_config->type == MMU_VM_SW_PROTECTED;
	must(world_host_area_add(subject->world, HVA, NPAGES, MMU_LEVEL_2M, true), "area");
	if (subject->private_memory)
		subject->gmem = world_gmem_create(subject->world, NPAGES << MMU_PAGE_SHIFT);
	must(create(subject), "slot");
}

static void run(const struct mmu_core_ops *core, enum mmu_vm_type type, bool zap_all, unsigned int count)
{
	const struct mmu_vm_config vm_config = { .type = type, .quirk_slot_zap_all = zap_all };
	struct subject subject = { 0 };

	if (!core_has_vms_of(core, &common_machine, &vm_config))
		return;
	build(core, &vm_config, &subject);
	for (unsigned int i = 0; i < count && !finding_any(); i++) {
		operations[pick(sizeof(operations) / sizeof(operations[0]))](&subject);
		if (i % AUDIT_EVERY == 0)
			invariants_audit(subject.world);
	}
	invariants_audit(subject.world);
	if (!finding_any())
		world_destroy(subject.world);
}

int main(int argc, char *argv[])
{
	const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	const unsigned int count = argc > 2 ? strtoul(argv[2], NULL, 0) : 2000;
	const struct host_config host = { .seed = seed };
	const struct mmu_core_ops *core = fixture_core(&host, &common_machine, "one operation at a time");

	run(core, MMU_VM_DEFAULT, true, count);
	run(core, MMU_VM_DEFAULT, false, count);
	run(core, MMU_VM_SW_PROTECTED, true, count);
	printf("seed %" PRIu64 ": %u operations on each VM, Z3 looked at %" PRIu64 " times, Z5 %" PRIu64 " times\n",
	       seed, count, invariant_checks(INV_Z3), invariant_checks(INV_Z5));
	return finding_any() ? 1 : 0;
}
