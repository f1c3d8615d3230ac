// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure.c - fault latency and scaling.
 *
 * Mappings are taken away by a bare invalidation (a window that is opened and closed), which leaves the host's own
 * pages in place: what is measured is the core, not the host's page allocator.
 */
#include "cli/measure.h"

#define PAGES 2048
#define BASE_GFN 0x1000

static gpa_t page_gpa(uint64_t page)
{
	return (BASE_GFN + page) << MMU_PAGE_SHIFT;
}

static void zap(struct world *world, uint64_t first, uint64_t npages)
{
	int window = world_host_window_open(world, HOST_HVA_BASE + (first << MMU_PAGE_SHIFT), npages);

	HOST_ASSERT(window >= 0);
	world_host_window_close(world, window);
}

struct pass {
	uint64_t next, end;
	const bool *stop; /* NULL: never before the end */
};

static bool next_write(void *context, struct guest_access *access)
{
	struct pass *pass = context;

	if (pass->next == pass->end || (pass->stop && __atomic_load_n(pass->stop, __ATOMIC_RELAXED)))
		return false;
	*access = (struct guest_access){ .step = GUEST_ACCESS, .access = MMU_WRITE, .gpa = page_gpa(pass->next++) };
	return true;
}

/* Writes to each of the pages once. */
static void run_pass(struct world_vcpu *vcpu, uint64_t first, uint64_t npages, const bool *stop)
{
	struct pass pass = { .next = first, .end = first + npages, .stop = stop };
	const struct access_source source = { .next = next_write, .context = &pass };

	world_vcpu_run_program(vcpu, &source, false);
}

int measure_begin(struct measure *measure, const struct mmu_core_ops *core, const struct mmu_core_config *config)
{
	const struct mmu_vm_config vm_config = { .type = MMU_VM_DEFAULT };
	const struct world_options options = { .vcpus = 2 };
	int error = world_create(core, config, &vm_config, &options, &measure->world);

	if (error)
		return error;
	error = world_host_area_add(measure->world, HOST_HVA_BASE, PAGES, MMU_LEVEL_4K, true);
	if (!error)
		error = world_slot_create(measure->world, 0, 0, BASE_GFN, PAGES, HOST_HVA_BASE, 0);
	if (error) {
		world_destroy(measure->world);
		return error;
	}
	run_pass(measure->world->vcpu[0], 0, PAGES, NULL); /* host pages and the core's caches are there */
	return 0;
}

void measure_end(struct measure *measure)
{
	world_destroy(measure->world);
}

/* --------------------------------------------------------------------------------------------------------- latency */

static double bare_round(struct world *world)
{
	uint64_t begin;

	zap(world, 0, PAGES);
	begin = host_time_ns();
	for (uint64_t page = 0; page < PAGES; page++)
		world->core->vcpu_fault(world->vcpu[0]->core, page_gpa(page), MMU_WRITE, 0);
	return (double)(host_time_ns() - begin) / PAGES;
}

static double whole_round(struct world *world)
{
	uint64_t begin;

	zap(world, 0, PAGES);
	begin = host_time_ns();
	run_pass(world->vcpu[0], 0, PAGES, NULL);
	return (double)(host_time_ns() - begin) / PAGES;
}

static void keep_less(double *best, double value)
{
	if (!*best || value < *best)
		*best = value;
}

void measure_fault(const struct measure *measure, struct measure_fault *best)
{
	keep_less(&best->bare_ns, bare_round(measure->world));
	keep_less(&best->whole_ns, whole_round(measure->world));
}

/* --------------------------------------------------------------------------------------------------------- scaling */

#define HALF (PAGES / 2)

struct runner {
	struct world *world;
	unsigned int index; /* vCPU, and which half of the pages it works on */
	uint64_t zapped;
	const bool *stop;
	struct host_thread *thread;
};

/* The same work alone and beside others: fault half of the pages in, then zap them. */
static void run_vcpu(void *argument)
{
	struct runner *runner = argument;

	while (!__atomic_load_n(runner->stop, __ATOMIC_RELAXED)) {
		run_pass(runner->world->vcpu[runner->index], runner->index * HALF, HALF, runner->stop);
		zap(runner->world, runner->index * HALF, HALF);
	}
}

/* Single pages, anywhere: also those that are being faulted in. */
static void run_zapper(void *argument)
{
	struct runner *runner = argument;

	while (!__atomic_load_n(runner->stop, __ATOMIC_RELAXED)) {
		zap(runner->world, host_random() % PAGES, 1);
		runner->zapped++;
	}
}

/*
 * Faults that came to something: accesses that completed and did not find their translation in the TLB.  A guest that
 * runs into an invalidation faults again and again until it is over, and that is no work done.
 */
static uint64_t faults(const struct world *world)
{
	return world_counter(world, CPU_ACCESSES) - world_counter(world, CPU_TLB_HITS);
}

/* Runs @nr threads for one round; the faults a second of all vCPUs. */
static double run_round(const struct measure *measure, struct runner *runners, unsigned int nr,
			void (*last)(void *argument), double *zaps)
{
	uint64_t faults_before, begin;
	uint32_t nobody_wakes_this = 0;
	bool stop = false;
	double seconds;

	faults_before = faults(measure->world);
	begin = host_time_ns();
	for (unsigned int i = 0; i < nr; i++) {
		runners[i].stop = &stop;
		HOST_ASSERT(!host_cpu_spawn("bench", i == nr - 1 ? last : run_vcpu, &runners[i], &runners[i].thread));
	}
	while (host_time_ns() - begin < measure->round_ns)
		host_event_wait(&nobody_wakes_this, host_event_key(&nobody_wakes_this), measure->round_ns / 10);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < nr; i++)
		host_thread_join(runners[i].thread);
	seconds = (double)(host_time_ns() - begin) / 1e9;
	*zaps = (double)runners[nr - 1].zapped / seconds;
	return (double)(faults(measure->world) - faults_before) / seconds;
}

void measure_scaling(const struct measure *measure, struct measure_scaling *best)
{
	struct runner one = { .world = measure->world };
	struct runner three[3] = {
		{ .world = measure->world, .index = 0 },
		{ .world = measure->world, .index = 1 },
		{ .world = measure->world },
	};
	double zaps, alone, each;

	alone = run_round(measure, &one, 1, run_vcpu, &zaps);
	each = run_round(measure, three, 3, run_zapper, &zaps) / 2;
	if (alone > best->alone)
		best->alone = alone;
	if (each > best->each_of_two) {
		best->each_of_two = each;
		best->zaps = zaps;
	}
}
