// SPDX-License-Identifier: GPL-2.0-only
/*
 * worker.c - the threads of a run: which roles each one plays, and how they stop for an audit.
 *
 * Half of the threads (rounded up) own a vCPU and play the VCPU roles of the scenario; the others share its HOST roles
 * out among them and take turns at those each of them got.  With one thread, that one plays all.
 */
#include "stress/driver.h"

#include <stdio.h>

#include "harness/finding/finding.h"

static void (*const role_steps[ROLES_COUNT])(struct stress_worker *worker) = {
#define ROLE(name, side, summary) [ROLE_##name] = role_##name,
#include "stress/roles.def"
#undef ROLE
};

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

/* The rest of a vCPU thread's time goes to its other roles. */
#define FAULTER_STEPS_OF_16 14

static bool has_role(const struct scenario *scenario, enum role role)
{
	return scenario->roles & (1u << role);
}

static bool role_allowed(const struct stress *stress, enum role role)
{
	switch (role) {
	case ROLE_smi:
		return stress->world->address_spaces > 1;
	case ROLE_attributer:
	case ROLE_gmem:
		return stress->world->vm_config.type == MMU_VM_SW_PROTECTED;
	default:
		return true;
	}
}

static void play(struct stress_worker *worker, enum role role)
{
	__atomic_store_n(&worker->role, role, __ATOMIC_RELAXED);
	role_steps[role](worker);
	__atomic_store_n(&worker->steps[role], worker->steps[role] + 1, __ATOMIC_RELAXED);
}

void worker_linger(unsigned int us_max)
{
	uint64_t us = one_in(2) ? 0 : pick(us_max);
	uint32_t nobody_wakes_this = 0;

	if (us)
		host_event_wait(&nobody_wakes_this, host_event_key(&nobody_wakes_this), us * NS_PER_US);
}

static void step_program(struct stress_worker *worker)
{
	struct run *run = worker->stress->run;

	if (!run_step(run, worker->stream))
		run_rewind(run, worker->stream);
	__atomic_store_n(&worker->program_steps, worker->program_steps + 1, __ATOMIC_RELAXED);
}

static void step(struct stress_worker *worker)
{
	enum role role = worker->roles[pick(worker->nr_roles)];

	if (worker->vcpu_index >= 0 && pick(16) < FAULTER_STEPS_OF_16)
		role = ROLE_faulter;
	if (role_allowed(worker->stress, role))
		play(worker, role);
	else
		host_yield();
	if (role_rows[role].side == ROLE_SIDE_HOST)
		worker_linger(one_in(64) ? 1000 : 50);
}

static void park(struct stress_worker *worker)
{
	struct stress *stress = worker->stress;

	__atomic_store_n(&worker->parked, true, __ATOMIC_RELAXED);
	__atomic_add_fetch(&stress->parked, 1, __ATOMIC_RELEASE);
	host_event_wake(&stress->parked);
	for (;;) {
		uint32_t key = host_event_key(&stress->paused);

		if (!__atomic_load_n(&stress->paused, __ATOMIC_ACQUIRE))
			break;
		host_event_wait(&stress->paused, key, 0);
	}
	__atomic_store_n(&worker->parked, false, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&stress->parked, 1, __ATOMIC_RELEASE);
	host_event_wake(&stress->parked);
}

static void worker_run(void *argument)
{
	struct stress_worker *worker = argument;
	struct stress *stress = worker->stress;

	for (;;) {
		if (__atomic_load_n(&stress->paused, __ATOMIC_ACQUIRE))
			park(worker);
		if (__atomic_load_n(&stress->stopping, __ATOMIC_RELAXED))
			return;
		if (stress->has_program)
			step_program(worker);
		else
			step(worker);
	}
}

/* ---------------------------------------------------------------------------------------------------- role sharing */

static void give_side(struct stress_worker *worker, enum role_side side, unsigned int index, unsigned int nr_sharers)
{
	unsigned int nr_roles = 0;

	for (unsigned int role = 0; role < ROLES_COUNT; role++)
		nr_roles += has_role(worker->stress->scenario, role) && role_rows[role].side == side;

	for (unsigned int role = 0, turn = 0; role < ROLES_COUNT; role++) {
		if (!has_role(worker->stress->scenario, role) || role_rows[role].side != side)
			continue;
		/* More sharers than roles: the roles go round again. */
		if (turn % nr_sharers == index || (nr_roles < nr_sharers && turn == index % nr_roles))
			worker->roles[worker->nr_roles++] = role;
		turn++;
	}
}

static void name_worker(struct stress_worker *worker, unsigned int index)
{
	if (worker->vcpu_index >= 0)
		snprintf(worker->name, sizeof(worker->name), "vcpu %d", worker->vcpu_index);
	else
		snprintf(worker->name, sizeof(worker->name), "host %u", index - worker->stress->nr_vcpus);
}

static bool has_host_roles(const struct scenario *scenario)
{
	for (unsigned int role = 0; role < ROLES_COUNT; role++) {
		if (has_role(scenario, role) && role_rows[role].side == ROLE_SIDE_HOST)
			return true;
	}
	return false;
}

static void share_roles(struct stress *stress)
{
	bool host_roles = has_host_roles(stress->scenario);
	unsigned int nr_hosts;

	stress->nr_workers = stress->options->threads ? stress->options->threads : stress->scenario->threads;
	stress->nr_vcpus = host_roles ? (stress->nr_workers + 1) / 2 : stress->nr_workers;
	if (stress->nr_vcpus > WORLD_VCPUS_MAX)
		stress->nr_vcpus = WORLD_VCPUS_MAX;
	if (!host_roles)
		stress->nr_workers = stress->nr_vcpus;
	nr_hosts = stress->nr_workers - stress->nr_vcpus;

	for (unsigned int i = 0; i < stress->nr_workers; i++) {
		struct stress_worker *worker = &stress->worker[i];
		bool is_vcpu = i < stress->nr_vcpus;

		worker->stress = stress;
		worker->vcpu_index = is_vcpu ? (int)i : -1;
		if (is_vcpu)
			give_side(worker, ROLE_SIDE_VCPU, 0, 1);
		if (!nr_hosts)
			give_side(worker, ROLE_SIDE_HOST, 0, 1);
		else if (!is_vcpu)
			give_side(worker, ROLE_SIDE_HOST, i - stress->nr_vcpus, nr_hosts);
		name_worker(worker, i);
	}
}

static void share_streams(struct stress *stress)
{
	stress->nr_workers = program_threads(&stress->program);
	for (unsigned int i = 0; i < stress->nr_workers; i++) {
		struct stress_worker *worker = &stress->worker[i];

		worker->stress = stress;
		worker->vcpu_index = -1;
		worker->stream = i;
		snprintf(worker->name, sizeof(worker->name), "stream %u", i);
	}
}

int workers_start(struct stress *stress)
{
	if (stress->has_program)
		share_streams(stress);
	else
		share_roles(stress);
	stress->paused = true;
	for (unsigned int i = 0; i < stress->nr_workers; i++) {
		struct stress_worker *worker = &stress->worker[i];
		int error = host_cpu_spawn(worker->name, worker_run, worker, &worker->thread);

		if (error) {
			fprintf(stderr, "mmutorture stress: no CPU for thread %u of %u (error %d)\n", i + 1,
				stress->nr_workers, -error);
			return error;
		}
	}
	return 0;
}

void workers_join(struct stress *stress)
{
	__atomic_store_n(&stress->stopping, true, __ATOMIC_RELAXED);
	workers_resume(stress);
	for (unsigned int i = 0; i < stress->nr_workers; i++)
		host_thread_join(stress->worker[i].thread);
}

/* --------------------------------------------------------------------------------------------------------- parking */

static void kick_vcpus(const struct stress *stress)
{
	for (unsigned int i = 0; stress->world && i < stress->world->vcpus; i++)
		world_vcpu_kick(stress->world->vcpu[i]);
}

/*
 * True when @wanted workers are parked before @deadline_ns.  vCPUs are kicked again and again: a signal that comes
 * before the call it was meant to interrupt is lost, and KVM_PRE_FAULT_MEMORY may go on until one interrupts it.
 */
static bool wait_parked(struct stress *stress, unsigned int wanted, uint64_t deadline_ns)
{
	for (;;) {
		uint32_t key = host_event_key(&stress->parked);

		if (__atomic_load_n(&stress->parked, __ATOMIC_ACQUIRE) == wanted)
			return true;
		if (host_time_ns() > deadline_ns)
			return false;
		if (wanted)
			kick_vcpus(stress);
		host_event_wait(&stress->parked, key, 20 * NS_PER_MS);
	}
}

static void report_stall(const struct stress *stress, unsigned int seconds)
{
	for (unsigned int i = 0; i < stress->nr_workers; i++) {
		const struct stress_worker *worker = &stress->worker[i];

		if (__atomic_load_n(&worker->parked, __ATOMIC_RELAXED))
			continue;
		host_report(HOST_REPORT_STALL, NULL, 0, "%s has not come back from %s for %u s", worker->name,
			    stress->has_program ? "an operation"
						: role_rows[__atomic_load_n(&worker->role, __ATOMIC_RELAXED)].name,
			    seconds);
	}
}

bool workers_park(struct stress *stress, unsigned int seconds)
{
	__atomic_store_n(&stress->paused, true, __ATOMIC_RELEASE);
	if (wait_parked(stress, stress->nr_workers, host_time_ns() + seconds * NS_PER_S))
		return true;
	report_stall(stress, seconds);
	return false;
}

void workers_resume(struct stress *stress)
{
	__atomic_store_n(&stress->paused, false, __ATOMIC_RELEASE);
	host_event_wake(&stress->paused);
	/* Nobody may sleep through the next park: it counts from zero. */
	HOST_ASSERT(wait_parked(stress, 0, UINT64_MAX));
}

/* -------------------------------------------------------------------------------------------------------- counting */

uint64_t workers_steps(const struct stress *stress, enum role role)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < stress->nr_workers; i++)
		sum += __atomic_load_n(&stress->worker[i].steps[role], __ATOMIC_RELAXED);
	return sum;
}

uint64_t workers_ops(const struct stress *stress)
{
	uint64_t sum = 0;

	for (unsigned int role = 0; role < ROLES_COUNT; role++) {
		if (role != ROLE_faulter)
			sum += workers_steps(stress, role);
	}
	for (unsigned int i = 0; i < stress->nr_workers; i++)
		sum += __atomic_load_n(&stress->worker[i].program_steps, __ATOMIC_RELAXED);
	return sum;
}

uint64_t workers_zaps(const struct stress *stress)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < stress->nr_workers; i++)
		sum += __atomic_load_n(&stress->worker[i].zaps, __ATOMIC_RELAXED);
	return sum;
}
