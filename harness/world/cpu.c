// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpu.c - the guest loop of one simulated CPU: fetch an instruction, translate, have it judged, touch memory.
 *
 * From translation to the touch nothing is interrupted, so a flush that waited for this CPU to leave the guest is a
 * real
 * boundary: what comes after it was translated after it.
 * Locking: the vCPU's own thread, interrupts off.  Guest memory is touched with relaxed atomics: guests race, and that
 *          is not the core's fault.
 */
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/oracle/oracle.h"
#include "harness/world/cpu_parts.h"
#include "harness/world/world.h"

/*
 * Faults of one access in a row, with no operation in flight and the model's clock standing still, that are still
 * progress (I-L5): other vCPUs may win the race for an entry, the core's own background work may zap, and a host thread
 * may be kept from running in the middle of an invalidation that is no operation of ours (it breaks copy-on-write for
 * another vCPU), or a vCPU while it has an entry frozen.  The last two take as long as the machine's scheduler likes,
 * so time counts as well.
 */
#define FAULTS_IN_A_ROW_MAX 256
#define FAULTS_IN_A_ROW_NS_MAX 500000000ULL

/* Each vCPU has a word of its own in every page, eight of them in the first cache line. */
#define GUEST_WORDS 8

#define STEP_DONE MMU_EXIT_KINDS

void cpu_init(struct cpu *cpu, struct world *world, struct world_vcpu *vcpu, const struct cpu_config *config)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->world = world;
	cpu->vcpu = vcpu;
	cpu->config = *config;
	cpu->generation = 1;
	for (unsigned int i = 0; i < CPU_ROOTS_KNOWN; i++)
		cpu->known[i].root = MMU_NO_HPA;
}

/* The page has been judged; if it goes away all the same, our own checks say so later, and better than ASan. */
__attribute__((no_sanitize("address"))) static void touch(struct cpu *cpu, struct guest_access *access,
							  const struct translation *translation,
							  const struct model_moment *before)
{
	const struct host_page *page = host_page(translation->pfn);
	uint64_t *words = host_pfn_to_va(translation->pfn);
	uint64_t *word = &words[cpu->vcpu->index % GUEST_WORDS];

	if (access->access & (MMU_READ | MMU_EXEC)) {
		access->value = __atomic_load_n(word, __ATOMIC_RELAXED);
		oracle_check_value(cpu, access, translation, before, access->value);
	}
	if (access->access & MMU_WRITE) {
		access->value = oracle_value(cpu->vcpu->index, __atomic_load_n(&page->owner, __ATOMIC_RELAXED),
					     __atomic_load_n(&page->location, __ATOMIC_RELAXED),
					     model_clock(&cpu->world->model), cpu->values_made++);
		__atomic_store_n(word, access->value, __ATOMIC_RELAXED);
		cpu_count(cpu, CPU_WRITES);
	}
}

static void complete(struct cpu *cpu)
{
	cpu->pending = false;
	cpu->faults_in_a_row = 0;
	cpu_count(cpu, CPU_ACCESSES);
	if (cpu->source && cpu->source->done)
		cpu->source->done(cpu->source->context, &cpu->access);
}

static int64_t invalidations(const struct cpu *cpu)
{
	return cpu->world->core->counter(cpu->world->vm, MMU_COUNTER_INVALIDATE_SEQ);
}

static bool is_invalidating(const struct cpu *cpu)
{
	return cpu->world->core->counter(cpu->world->vm, MMU_COUNTER_INVALIDATE_IN_PROGRESS);
}

/*
 * The host may also invalidate without an operation of ours, as when a fault breaks copy-on-write.  The core knows of
 * it, and is asked half way to the limit and at it.
 */
static void check_progress(struct cpu *cpu, const struct translation *found)
{
	const struct model *model = &cpu->world->model;
	uint64_t clock = model_clock(model);
	unsigned int count;

	if (clock != cpu->faults_clock || MODEL_GET(model->in_flight) || model_windows_open(model)) {
		cpu->faults_clock = clock;
		cpu->faults_in_a_row = 0;
		return;
	}
	if (++cpu->faults_in_a_row == FAULTS_IN_A_ROW_MAX / 2) {
		cpu->faults_invalidations = invalidations(cpu);
		cpu->faults_since_ns = host_time_ns();
	}
	if (cpu->faults_in_a_row % FAULTS_IN_A_ROW_MAX ||
	    host_time_ns() - cpu->faults_since_ns < FAULTS_IN_A_ROW_NS_MAX)
		return;
	count = cpu->faults_in_a_row;
	cpu->faults_in_a_row = 0;
	if (!is_invalidating(cpu) && invalidations(cpu) == cpu->faults_invalidations)
		finding_violation(INV_L5,
				  "vCPU %u: %u faults in a row at gpa 0x%lx, access 0x%x, nothing else going on; root "
				  "0x%lx, entry 0x%lx at hpa 0x%lx, level %d, allows 0x%x",
				  cpu->vcpu->index, count, (unsigned long)cpu->access.gpa, cpu->access.access,
				  (unsigned long)cpu->context.root, (unsigned long)found->raw,
				  (unsigned long)found->leaf, found->level, found->allowed);
}

static enum mmu_exit exit_with(struct cpu *cpu, struct mmu_guest_exit *out, enum mmu_exit reason, uint32_t allowed)
{
	uint32_t access = cpu->access.access;
	uint32_t kind = access & MMU_WRITE ? MMU_WRITE : access & MMU_EXEC ? MMU_EXEC : MMU_READ;

	if (reason == MMU_EXIT_FAULT || reason == MMU_EXIT_MISCONFIG)
		cpu->access.value = oracle_value(cpu->vcpu->index, 0, cpu->access.gpa >> MMU_PAGE_SHIFT,
						 model_clock(&cpu->world->model), cpu->values_made);
	*out = (struct mmu_guest_exit){
		.reason = reason,
		.gpa = cpu->access.gpa,
		.access = kind | (access & MMU_PRIVATE),
		.allowed = allowed,
		.value = cpu->access.value,
	};
	return reason;
}

static enum mmu_exit fault(struct cpu *cpu, struct mmu_guest_exit *out, enum walk_result result,
			   const struct translation *found)
{
	uint32_t allowed = found->allowed;

	/* SDM 29.4.3.1: a violation forgets what was cached for the gpa, so that the retry sees the tables. */
	tlb_forget_gpa(cpu, cpu->access.gpa);
	psc_forget_gpa(cpu, cpu->access.gpa);
	if (result == WALK_PML_FULL)
		return exit_with(cpu, out, MMU_EXIT_PML_FULL, allowed);
	cpu->faults++;
	check_progress(cpu, found);
	cpu_count(cpu, result == WALK_FAULT ? CPU_FAULTS : CPU_MISCONFIGS);
	return exit_with(cpu, out, result == WALK_FAULT ? MMU_EXIT_FAULT : MMU_EXIT_MISCONFIG, allowed);
}

/* One memory access; STEP_DONE or the reason to leave the guest. */
static enum mmu_exit step_access(struct cpu *cpu, struct mmu_guest_exit *out)
{
	struct guest_access *access = &cpu->access;
	uint32_t needs = access_needs(access->access);
	struct translation translation;
	struct model_moment before;

	oracle_before_access(cpu, access, &before);
	if (tlb_lookup(cpu, access->gpa, needs, needs & MMU_WRITE, &translation)) {
		cpu_count(cpu, CPU_TLB_HITS);
	} else {
		enum walk_result result = cpu_walk(cpu, access->gpa, needs, &translation);

		if (result == WALK_BROKEN) {
			psc_forget_gpa(cpu, access->gpa);
			cpu->pending = false;
			return STEP_DONE;
		}
		if (result != WALK_DONE) {
			cpu->faulted = before;
			return fault(cpu, out, result, &translation);
		}
		tlb_fill(cpu, access->gpa, &translation);
	}
	if (!oracle_check_access(cpu, access, &translation, &before)) {
		/*
		 * Reported.  The guest goes on without this access, so that one stale page is told once, not for ever.
		 */
		tlb_forget_gpa(cpu, access->gpa);
		cpu->pending = false;
		return STEP_DONE;
	}
	touch(cpu, access, &translation, &before);
	complete(cpu);
	return STEP_DONE;
}

/* While an invalidation is open its range is not mapped: who has opened it and then waits for it waits for ever. */
static bool gives_up(const struct cpu *cpu)
{
	return cpu->source && cpu->source->faults_max && cpu->faults >= cpu->source->faults_max;
}

static enum mmu_exit step(struct cpu *cpu, struct mmu_guest_exit *out)
{
	if (host_irq_pending()) {
		cpu_count(cpu, CPU_INTERRUPTS);
		return exit_with(cpu, out, MMU_EXIT_INTERRUPT, 0);
	}
	if (cpu->pending && gives_up(cpu))
		cpu->pending = false;
	if (!cpu->pending) {
		if (!cpu->source || !cpu->source->next(cpu->source->context, &cpu->access))
			return exit_with(cpu, out, MMU_EXIT_DONE, 0);
		cpu->pending = true;
		cpu->faults = 0;
		cpu->faults_in_a_row = 0;
	}
	host_point(HOST_POINT_GUEST, cpu);
	if (cpu->access.step == GUEST_ACCESS)
		return step_access(cpu, out);

	cpu->pending = false;
	return cpu->context.in_smm ? exit_with(cpu, out, MMU_EXIT_RSM, 0) : STEP_DONE;
}

static void enter(void *guest, const struct mmu_guest_context *context, struct mmu_guest_exit *out)
{
	struct cpu *cpu = guest;

	oracle_check_entry(cpu, context);
	cpu->context = *context;
	cpu->flushed = false;
	cpu->entered_at = model_clock(&cpu->world->model);
	cache_select_root(cpu, context->root);
	cpu_count(cpu, CPU_ENTRIES);
	if (context->emulated && cpu->pending) {
		cpu->access.value = context->emulated_value;
		cpu_count(cpu, CPU_EMULATED);
		complete(cpu);
	}
	while (step(cpu, out) == STEP_DONE)
		;
}

static void flush(void *guest, enum mmu_flush kind, mmu_hpa_t root)
{
	struct cpu *cpu = guest;

	cpu_count(cpu, CPU_FLUSHES);
	cpu->flushed_at = model_clock(&cpu->world->model);
	cache_flush(cpu, kind, root);
	oracle_note_flush(cpu, kind, root);
}

static unsigned int drain(void *guest, gpa_t *gpas, unsigned int room)
{
	return pml_drain(guest, gpas, room);
}

const struct mmu_guest_ops cpu_guest_ops = {
	.enter = enter,
	.flush = flush,
	.pml_drain = drain,
};
