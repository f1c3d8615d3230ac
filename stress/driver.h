// SPDX-License-Identifier: GPL-2.0-only
/*
 * driver.h - one stress run: a controller on CPU 0, workers on CPUs of their own, and one VM after the other.
 *
 * The world changes only while every worker is parked, so a worker may use stress->world between two parks.  All that
 * the controller reads of a running worker is relaxed atomic: the driver must not order what the core left unordered.
 */
#ifndef STRESS_DRIVER_H
#define STRESS_DRIVER_H

#include "harness/run/run.h"
#include "harness/world/world.h"
#include "stress/layout.h"
#include "stress/options.h"
#include "stress/scenario.h"

#define STRESS_WORKERS_MAX 48

struct stress;
struct world_migration;

struct stress_worker {
	struct stress *stress;
	struct host_thread *thread;
	char name[16]; /* what the kernel keeps of a thread's name */
	int vcpu_index; /* -1: plays HOST roles only */
	enum role roles[ROLES_COUNT];
	unsigned int nr_roles;
	uint32_t role; /* being played: for stall reports */
	bool parked;
	uint64_t steps[ROLES_COUNT];
	uint64_t zaps; /* operations that take mappings away */
	unsigned int stream; /* of the program, if there is one */
	uint64_t program_steps;
};

/* What has been done by VMs that are gone. */
struct stress_totals {
	uint64_t vms;
	uint64_t audits;
	uint64_t accesses;
	uint64_t faults;
	uint64_t migrations; /* that ended with equal memory */
};

struct stress {
	const struct mmu_core_ops *core;
	const struct stress_options *options;
	const struct scenario *scenario;
	struct mmu_core_config core_config;
	uint64_t seed;
	uint64_t begin_ns, end_ns;

	struct program program;
	bool has_program; /* in place of the scenario */
	struct run *run; /* of the program on this VM */
	struct world *world;
	uint64_t prefaults_kicked; /* by worlds that are gone */
	struct layout_files files;
	enum stress_dirty dirty; /* of this VM */
	/* The harvester's, begun while threads run and ended while they are parked; NULL: none. */
	struct world_migration *migration;
	bool migrating; /* a harvester is using it */

	uint32_t paused; /* the channel that parked workers wait on */
	uint32_t parked;
	bool stopping;

	unsigned int nr_workers, nr_vcpus;
	struct stress_worker worker[STRESS_WORKERS_MAX];
	struct stress_totals totals;
};

/* The whole run, on CPU 0 of a machine that has been started: an exit code. */
int stress_run(struct stress *stress);

/* ------------------------------------------------------------------------------------------------------- worker.c */

/* Shares the scenario's roles out and starts the threads, parked; 0 or -errno. */
int workers_start(struct stress *stress);
void workers_join(struct stress *stress);

/* Parks every worker; false: one did not come within @seconds, and a STALL has been reported. */
bool workers_park(struct stress *stress, unsigned int seconds);
void workers_resume(struct stress *stress);

/* A parked world is wanted: whoever is in a loop ends it. */
static inline bool worker_wanted(const struct stress_worker *worker)
{
	return __atomic_load_n(&worker->stress->paused, __ATOMIC_RELAXED);
}

static inline void worker_count_zap(struct stress_worker *worker)
{
	__atomic_store_n(&worker->zaps, worker->zaps + 1, __ATOMIC_RELAXED);
}

static inline struct world_vcpu *worker_vcpu(const struct stress_worker *worker)
{
	return worker->stress->world->vcpu[worker->vcpu_index];
}

/* Up to @us_max microseconds, often none; for roles that hold something open. */
void worker_linger(unsigned int us_max);

uint64_t workers_ops(const struct stress *stress); /* steps of all roles but the faulter */
uint64_t workers_zaps(const struct stress *stress);
uint64_t workers_steps(const struct stress *stress, enum role role);

/* --------------------------------------------------------------------------------------------------- generation.c */

/* Makes the next VM; 0 or -errno. */
int generation_begin(struct stress *stress);
/* With every worker parked: the audits of a stopped world. */
void generation_audit(struct stress *stress);
/* Last audit, last harvest, then destroys the VM; with every worker parked. */
void generation_end(struct stress *stress);

/* Of all VMs so far. */
uint64_t stress_accesses(const struct stress *stress);
uint64_t stress_faults(const struct stress *stress);

/* ----------------------------------------------------------------------------------------------------- progress.c */

void progress_header(const struct stress *stress);
void progress_line(const struct stress *stress, bool last); /* @last: the line stays on the screen */
void progress_summary(const struct stress *stress);

/* ------------------------------------------------------------------------------------------------------- result.c */

/* Writes beside @path and renames; 0 or -errno. */
int result_write(const struct stress *stress, const char *path);

/* -------------------------------------------------------------------------------------------------------- roles/ */

/* One step of each role. */
#define ROLE(name, side, summary) void role_##name(struct stress_worker *worker);
#include "stress/roles.def"
#undef ROLE

/* With every worker parked: ends the migration, collects every log and checks that nothing written was lost (I-D1). */
void harvester_finish(struct stress *stress);

#endif
